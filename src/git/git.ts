import { existsSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { simpleGit } from 'simple-git'
import { childEnvironment, REQUEST_ID } from '../config.ts'
import { SpekiError } from '../errors.ts'
import { ifRefused } from '../expected.ts'
import { MARKER, nestMark } from '../process/process-list.ts'
import { BLANK, hint, step } from '../step.ts'
import { endedWith, explainGit, explainStart, GitNotStarted } from './failure.ts'
import { gitMark } from './git-mark.ts'
import { settingsEnvironment, settingsOptions, withoutNewPrograms } from './program-settings.ts'
import { findPlace, findPlaceOf, placeEnvironment, type WorktreePlace } from './worktree/worktree-place.ts'

/**
 * Settings under which git runs for us: no hook, file-system monitor, pager or editor of the repository starts, no protocol
 * that runs a program is allowed, and what is done to a repository is not done to those inside it.
 */
const CONFIG = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.alternateRefsCommand=',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'push.recurseSubmodules=no',
  'maintenance.auto=false',
  'gc.auto=0',
  'commit.gpgSign=false',
  'push.gpgSign=false',
  'merge.verifySignatures=false',
  'log.showSignature=false',
  'core.safecrlf=false',
  'core.quotePath=false',
  'protocol.ext.allow=never',
]

/**
 * History is what its objects say, replacements and grafts aside. Nobody is asked for a password, and reading takes no lock.
 * The system-wide configuration counts as in the person's shell: filters, such as those of git-lfs, and safe.directory stand
 * there. No protocol is open: in a partial clone git fetches missing objects by itself, with whatever program the
 * repository's configuration names.
 */
const SETTINGS = {
  GIT_NO_REPLACE_OBJECTS: '1',
  // Of a file that is there git would say that it is deprecated.
  GIT_GRAFT_FILE: join(devNull, 'none'),
  GIT_TERMINAL_PROMPT: '0',
  // No window asks either, nor ssh on the terminal of whoever started us.
  GIT_ASKPASS: '',
  SSH_ASKPASS: 'false',
  SSH_ASKPASS_REQUIRE: 'force',
  GIT_PAGER: 'cat',
  GIT_EDITOR: 'false',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  LC_ALL: 'C',
}

/** Where a person has git look for its configuration. */
const CONFIGURATION = ['GIT_CONFIG_SYSTEM', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_NOSYSTEM', 'GIT_SSL_CAINFO']

/** What an agent changed is put back as the person had it, whatever it is; the library refuses the names. */
const ANY_SETTING = {
  allowUnsafeAlias: true,
  allowUnsafeGpgProgram: true,
  allowUnsafeInclude: true,
  allowUnsafeSubmodule: true,
  allowUnsafeTemplateDir: true,
  allowUnsafeUrlRewrite: true,
}

/** Ends a git command that says nothing for so long, for example on a dead network mount. */
const SILENCE_MS = 60_000

/** Commands that start none of the programs which settings name for files: what writes an index may look at files once more. */
const PLAIN = ['cat-file', 'commit-tree', 'config', 'diff-tree', 'ls-files', 'ls-tree', 'merge-base', 'rev-list', 'rev-parse', 'symbolic-ref', 'update-ref'] // biome-ignore format: words

/**
 * Runs git in a folder, without a shell. Operands that come from outside stand behind `--` or `--end-of-options`;
 * `env` adds to a small environment. A worktree that an agent works in is taken as it was made, and programs that were set
 * since do not start. Throws what git printed, in words.
 */
export async function git(
  folder: string,
  args: readonly string[],
  signal: AbortSignal,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const place = findPlace(folder)
  const shared = place ?? findPlaceOf(folder)
  const placed = { ...(place !== undefined && env['GIT_DIR'] === undefined && placeEnvironment(place)), ...env }
  if (shared === undefined || PLAIN.includes(commandOf(args))) return await runGit(folder, args, signal, placed)
  const settings = await programsTakenBack(folder, shared, signal, placed)
  const behind = placeOfCommand(args) + 1
  const words = [...args.slice(0, behind), ...settingsOptions(commandOf(args), settings), ...args.slice(behind)]
  return await runGit(folder, words, signal, { ...placed, ...settingsEnvironment(settings) })
}

/** The word after the settings that a call brings. */
const commandOf = (args: readonly string[]): string => args[placeOfCommand(args)] ?? ''

function placeOfCommand(args: readonly string[], at = 0): number {
  return args[at] === '-c' ? placeOfCommand(args, at + 2) : at
}

/** What takes back, for one call, the programs that were set since the place was made. */
async function programsTakenBack(
  folder: string,
  { programs }: WorktreePlace,
  signal: AbortSignal,
  env: Readonly<Record<string, string>>,
): Promise<readonly (readonly [string, string])[]> {
  const listed = await runGit(folder, LIST_SETTINGS, signal, env)
  return withoutNewPrograms(listed, programs)
}

/** Prints every setting, those of included files too. */
export const LIST_SETTINGS = ['config', '--list', '-z', '--includes']

async function runGit(
  folder: string,
  args: readonly string[],
  signal: AbortSignal,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const inherited = childEnvironment()
  const mark = gitMark()
  if (!existsSync(folder))
    throw new SpekiError('precondition_failed', `There is no folder ${folder}.`, {
      hint: hint`If the repository moved, register its new path: ${step('repository_register', { path: BLANK })}.`,
    })
  const runner = simpleGit({
    baseDir: folder,
    config: CONFIG,
    abort: signal,
    timeout: { block: SILENCE_MS },
    // Left to itself the library takes a silent failure for success.
    errors: (error, { exitCode, stdErr }) =>
      exitCode === 0
        ? undefined
        : Buffer.from(`${error instanceof Error ? error.message : Buffer.concat(stdErr)}\n${endedWith(exitCode)}`),
    // The library refuses such settings because they may come from outside; ours are constants that switch things off, and
    // what the person's own environment says of configuration and keys.
    unsafe: {
      allowUnsafeAskPass: true,
      allowUnsafeConfigEnvCount: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeDiffExternal: true,
      allowUnsafeDiffTextConv: true,
      allowUnsafeEditor: true,
      allowUnsafeFilter: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeGitProxy: true,
      allowUnsafeHooksPath: true,
      allowUnsafeMergeDriver: true,
      allowUnsafePack: true,
      allowUnsafePager: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeSshCommand: true,
      ...(commandOf(args) === 'config' && ANY_SETTING),
    },
    allowEnvironment: [MARKER, REQUEST_ID, ...CONFIGURATION, ...Object.keys(SETTINGS), ...Object.keys(env)],
  }).env({
    ...inherited,
    ...SETTINGS,
    ...env,
    ...(mark !== undefined && { [MARKER]: nestMark(inherited[MARKER], mark) }),
  })
  try {
    return await runner.raw([...args])
  } catch (error) {
    signal.throwIfAborted()
    const printed = error instanceof Error ? error.message : String(error)
    if (printed.startsWith('block timeout'))
      throw new SpekiError('timeout', `git ${args[0] ?? ''} said nothing for ${SILENCE_MS / 1000} s in ${folder}.`, {
        hint: 'Look at the disk and the network under it, then repeat the call.',
        cause: error,
      })
    throw explainStart(printed, folder, error) ?? explainGit(printed, args, folder, error)
  }
}

/** The trimmed output, or undefined where git says no. */
export async function tryGit(
  folder: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return (await git(folder, args, signal)).trim()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof GitNotStarted) throw error
    return ifRefused(undefined)(error)
  }
}
