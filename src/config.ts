import { existsSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { codeOf } from './expected.ts'
import { LOG_LEVELS, type LogSettings } from './log.ts'
import { currentRequest } from './request.ts'

/** Everything read from outside the program, once. */
export interface Config {
  /** Folder of the default database and its snapshots. */
  readonly home: string
  readonly databaseFile: string
  /** PostgreSQL instead of the file. Holds a password: never print it. */
  readonly databaseUrl: string | undefined
  /** Worktrees, checkpoints and evidence of runs lie here. */
  readonly executionFolder: string
  /** Folder of the project the client works in. */
  readonly project: string
  /** The person at this machine. */
  readonly user: string
  /** Name under which an agent works here, where one was given: then whoever asks is that agent, and no person. */
  readonly agent: string | undefined
  /** Marks of the jobs of ours that this process was started in, by an agent or a check: no person sits there. */
  readonly marks: string | undefined
  /** File that started this program, to start it again. */
  readonly program: string
  /** What goes to stderr. */
  readonly log: LogSettings
  /** Folder of the package: templates and package.json lie there. */
  readonly packageRoot: string
}

export interface Flags {
  readonly db?: string | undefined
  readonly project?: string | undefined
  readonly as?: string | undefined
}

/** Where a process finds the id of the request that started it. */
export const REQUEST_ID = 'SPEKI_REQUEST_ID'

/** The workspace that an environment and flags name. */
export function readWorkspace(
  env: NodeJS.ProcessEnv,
  flags: Pick<Flags, 'db'>,
): Pick<Config, 'home' | 'databaseFile' | 'databaseUrl'> {
  const home = resolve(env['SPEKI_HOME'] ?? defaultHome(env))
  return {
    home,
    databaseFile: resolve(flags.db ?? env['SPEKI_DB'] ?? join(home, 'speki.db')),
    databaseUrl: flags.db === undefined ? env['SPEKI_DATABASE_URL'] : undefined,
  }
}

/** The only reader of the environment. Precedence: flag, variable, default. */
export function readConfig(flags: Flags): Config {
  const env = process.env
  const { home, databaseFile, databaseUrl } = readWorkspace(env, flags)
  return Object.freeze({
    home,
    databaseFile,
    databaseUrl,
    executionFolder: databaseUrl === undefined ? `${databaseFile}.execution` : join(home, 'execution'),
    project: resolve(flags.project ?? env['SPEKI_PROJECT'] ?? env['CLAUDE_PROJECT_DIR'] ?? process.cwd()),
    user: env['SPEKI_USER'] || userName(),
    agent: flags.as ?? (env['SPEKI_AGENT'] || undefined),
    marks: env['SPEKI_MARK'],
    program: process.argv[1] ?? '',
    log: {
      level: LOG_LEVELS.find((level) => level === env['SPEKI_LOG']) ?? 'info',
      slowMs: Number(env['SPEKI_SLOW_MS'] ?? 1000),
      startedBy: env[REQUEST_ID],
    },
    packageRoot: findPackageRoot(),
  })
}

/** Where the clients of this person keep their settings, and what they must hand on so that all find one database. */
export interface ClientPlaces {
  readonly claudeFile: string
  readonly codexHome: string
  /** Variables with their values. */
  readonly variables: Readonly<Record<string, string>>
  /** Variables whose values are secret: named in settings, never written there. */
  readonly handedOn: readonly string[]
}

export function readClientPlaces(config: Config, flags: Flags): ClientPlaces {
  const env = process.env
  return {
    claudeFile: join(env['CLAUDE_CONFIG_DIR'] ?? homedir(), '.claude.json'),
    codexHome: env['CODEX_HOME'] ?? join(homedir(), '.codex'),
    variables: {
      ...(env['SPEKI_HOME'] !== undefined && { SPEKI_HOME: config.home }),
      ...((flags.db ?? env['SPEKI_DB']) !== undefined && { SPEKI_DB: config.databaseFile }),
    },
    handedOn: config.databaseUrl === undefined ? [] : ['SPEKI_DATABASE_URL'],
  }
}

/** Where this system keeps a program's data. */
function defaultHome(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'speki')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'speki')
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'speki')
}

function userName(): string {
  try {
    return userInfo().username
  } catch (error) {
    if (codeOf(error) !== 'ERR_SYSTEM_ERROR') throw error
    // Containers may run under a user id that has no name.
    return 'unknown'
  }
}

/** The sources lie in src/, the bundle in dist/: either way package.json is above. */
function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

/** What a child process may know of our environment: where programs and folders are, and nothing else. */
const INHERITED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  'ComSpec',
  'PATHEXT',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'ProgramFiles',
  'JAVA_HOME',
  'GOPATH',
  'GOROOT',
  'CARGO_HOME',
  'RUSTUP_HOME',
  'DOTNET_ROOT',
  'NVM_DIR',
  'PNPM_HOME',
  // Who stands inside a job hands its mark on.
  'SPEKI_MARK',
]

/** The environment of every process we start. Secrets of the user's shell are not inherited. */
export function childEnvironment(): Record<string, string> {
  return {
    ...Object.fromEntries(
      INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ),
    ...requestVariable(),
  }
}

/** Tells a child process for which request it was started. */
function requestVariable(): Record<string, string> {
  const id = currentRequest()?.id ?? process.env[REQUEST_ID]
  return id === undefined ? {} : { [REQUEST_ID]: id }
}

/** Values of the named variables that are set here: what a person handed on to an agent by name. */
export function namedVariables(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name] ?? '']])),
  )
}

/** What a process of ours needs to find the same workspace and to hand on what it was given: our whole environment. */
export function workspaceVariables(config: Config): Record<string, string> {
  const set = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return { ...Object.fromEntries(set), SPEKI_USER: config.user, ...requestVariable() }
}
