import { existsSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SpekiError } from './errors.ts'
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
  const home = resolve(env['SPEKI_HOME'] || defaultHome(env))
  return {
    home,
    databaseFile: resolve(fileOf(flags.db ?? env['SPEKI_DB']) || join(home, 'speki.db')),
    databaseUrl: flags.db === undefined ? env['SPEKI_DATABASE_URL'] || undefined : undefined,
  }
}

/** An address would be taken for a folder below the working one, and an empty workspace made in it. */
function fileOf(named: string | undefined): string | undefined {
  if (named === undefined || !/^[a-z][a-z\d+.-]+:\/\//i.test(named)) return named
  throw new SpekiError('invalid_input', 'The database of --db or SPEKI_DB is a file, not an address.', {
    hint: 'PostgreSQL is named by SPEKI_DATABASE_URL, without --db: what stands in a command line can be read by others.',
  })
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
    project: resolve(flags.project ?? (env['SPEKI_PROJECT'] || env['CLAUDE_PROJECT_DIR'] || process.cwd())),
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
  /** Folder of Claude Code's own settings. */
  readonly claudeFolder: string
  /** Where agents get their worktrees. */
  readonly attempts: string
  /** Variables with their values. */
  readonly variables: Readonly<Record<string, string>>
  /** Variables whose values are secret: named in settings, never written there. */
  readonly handedOn: readonly string[]
}

/** The part of what execution keeps in which agents write. */
function attemptsFolder(executionFolder: string): string {
  return join(executionFolder, 'attempts')
}

export function readClientPlaces(config: Config, flags: Pick<Flags, 'db'>): ClientPlaces {
  const env = process.env
  return {
    claudeFile: join(env['CLAUDE_CONFIG_DIR'] || homedir(), '.claude.json'),
    codexHome: env['CODEX_HOME'] || join(homedir(), '.codex'),
    claudeFolder: env['CLAUDE_CONFIG_DIR'] || join(homedir(), '.claude'),
    attempts: attemptsFolder(config.executionFolder),
    variables: {
      ...(env['SPEKI_HOME'] && { SPEKI_HOME: config.home }),
      ...((flags.db || env['SPEKI_DB']) && { SPEKI_DB: config.databaseFile }),
    },
    handedOn: config.databaseUrl === undefined ? [] : ['SPEKI_DATABASE_URL'],
  }
}

/** Where this system keeps a program's data. */
function defaultHome(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] || join(homedir(), 'AppData', 'Local'), 'speki')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'speki')
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'speki')
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

/**
 * What a child process may know of our environment: where programs, folders and certificates are, and how a program in a
 * pipe is to speak; nothing that opens a door.
 */
const INHERITED = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TZ', 'TMPDIR', 'TEMP', 'TMP'],
  ...['SystemRoot', 'ComSpec', 'PATHEXT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'ProgramFiles'],
  ...['XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'XDG_STATE_HOME'],
  ...['GIT_CONFIG_SYSTEM', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_NOSYSTEM'],
  // As a program finds them in a pipe of the person's shell.
  ...['CI', 'TERM', 'COLORTERM', 'NO_COLOR', 'FORCE_COLOR', 'CLICOLOR', 'CLICOLOR_FORCE', 'COLUMNS', 'LINES'],
  ...['LANG', 'LANGUAGE', 'LC_ALL', 'LC_CTYPE', 'LC_COLLATE', 'LC_MESSAGES', 'LC_NUMERIC', 'LC_TIME', 'LC_MONETARY'],
  // Where tool chains lie.
  ...['JAVA_HOME', 'MAVEN_HOME', 'M2_HOME', 'GRADLE_HOME', 'GRADLE_USER_HOME', 'ANDROID_HOME', 'ANDROID_SDK_ROOT'],
  ...['GOPATH', 'GOROOT', 'GOCACHE', 'GOMODCACHE', 'GOTOOLCHAIN', 'GOFLAGS', 'GOPROXY', 'CARGO_HOME', 'RUSTUP_HOME', 'RUSTUP_TOOLCHAIN'],
  ...['DOTNET_ROOT', 'NUGET_PACKAGES', 'NVM_DIR', 'VOLTA_HOME', 'FNM_DIR', 'FNM_MULTISHELL_PATH', 'PNPM_HOME', 'BUN_INSTALL', 'DENO_DIR'],
  ...['COREPACK_HOME', 'COMPOSER_HOME', 'MIX_HOME', 'HEX_HOME', 'OPAMROOT', 'PERL5LIB', 'SDKMAN_DIR', 'ASDF_DIR', 'ASDF_DATA_DIR'],
  ...['MISE_DATA_DIR', 'PYENV_ROOT', 'PYENV_VERSION', 'VIRTUAL_ENV', 'CONDA_PREFIX', 'CONDA_DEFAULT_ENV', 'UV_CACHE_DIR', 'PIP_CACHE_DIR'],
  ...['RBENV_ROOT', 'RBENV_VERSION', 'GEM_HOME', 'GEM_PATH', 'BUNDLE_PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'PKG_CONFIG_PATH'],
  ...['CC', 'CXX', 'CMAKE_PREFIX_PATH'],
  // How the network is reached.
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO'],
  // Who stands inside a job hands its mark on.
  'SPEKI_MARK',
] // biome-ignore format: a table

/** What opens the doors of remotes: for our own fetch and push alone, never for an agent or a check. */
const KEYS = ['SSH_AUTH_SOCK', 'SSH_AGENT_PID', 'GIT_SSH', 'GIT_SSH_COMMAND', 'GIT_SSH_VARIANT', 'DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR', 'GH_TOKEN', 'GITHUB_TOKEN', 'GITLAB_TOKEN'] // biome-ignore format: a table

/** What git and its credential helpers need of the person's environment to reach a remote. */
export function keyVariables(): Record<string, string> {
  return namedVariables(KEYS)
}

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

/** By which a workspace, and whoever works there, is known; nothing secret. */
const OWN = ['SPEKI_HOME', 'SPEKI_DB', 'SPEKI_PROJECT', 'SPEKI_AGENT', 'SPEKI_LOG', 'SPEKI_SLOW_MS']

/**
 * What a process of ours needs to find the same workspace and to hand on what it was given: our whole environment, apart by
 * what others may see of it.
 */
export function workspaceVariables(config: Config): Record<'shown' | 'hidden', Record<string, string>> {
  const shown = { ...childEnvironment(), ...namedVariables(OWN), SPEKI_USER: config.user }
  const rest = Object.keys(process.env).filter((name) => !Object.hasOwn(shown, name))
  return { shown, hidden: namedVariables(rest) }
}
