import { existsSync } from 'node:fs'
import { simpleGit } from 'simple-git'
import { childEnvironment, REQUEST_ID } from '../config.ts'
import { SpekiError } from '../errors.ts'
import { ifRefused } from '../expected.ts'
import { MARKER, nestMark } from '../process/process-list.ts'
import { BLANK, hint, step } from '../step.ts'
import { explainGit, explainStart, GitNotStarted } from './failure.ts'
import { gitMark } from './git-mark.ts'

/**
 * Settings under which git runs for us: no hook and no file-system monitor of the repository starts, and no protocol
 * that runs a program is allowed.
 */
const CONFIG = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.safecrlf=false',
  'core.quotePath=false',
  'protocol.ext.allow=never',
]

/**
 * Nobody is asked for a password, no system-wide configuration counts, and reading takes no lock. No protocol is open:
 * in a partial clone git fetches missing objects by itself, with whatever program the repository's configuration names.
 */
const SETTINGS = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  LC_ALL: 'C',
}

/** Ends a git command that says nothing for so long, for example on a dead network mount. */
const SILENCE_MS = 60_000

/**
 * Runs git in a folder, without a shell. Operands that come from outside stand behind `--` or `--end-of-options`;
 * `env` adds to a small environment. Throws what git printed, in words.
 */
export async function git(
  folder: string,
  args: readonly string[],
  signal: AbortSignal,
  env: Readonly<Record<string, string>> = {},
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
        : (error ?? Buffer.concat([...stdErr, Buffer.from(`git ended with code ${exitCode}`)])),
    // The library refuses such settings because they may come from outside; ours are constants that switch things off.
    unsafe: { allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true, allowUnsafeProtocolOverride: true },
    allowEnvironment: [MARKER, REQUEST_ID, ...Object.keys(SETTINGS), ...Object.keys(env)],
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
