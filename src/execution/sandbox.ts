import { existsSync, realpathSync, statSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, delimiter, dirname, isAbsolute, join, sep } from 'node:path'
import type { Principal } from '../../schemas/actor.ts'
import type { RunOptions } from '../../schemas/run.ts'
import { placesOfAgent } from '../agents/agent-places.ts'
import { childEnvironment } from '../config.ts'
import { readSandbox } from '../domain/sandbox.ts'
import { consult } from '../domain/service.ts'
import { toolsOf } from '../process/home-tools.ts'
import type { Sandbox } from '../process/sandbox.ts'
import { findSandboxTool } from '../process/sandbox-tool.ts'
import { listRepositories, type RepositoryRecord } from '../store/repositories.ts'
import type { ExecutionContext } from './context.ts'

/** What runs inside: an agent, a check, or what installs dependencies. */
export type Inmate =
  | {
      readonly role: 'agent'
      readonly options: Pick<RunOptions, 'agent' | 'command'>
      readonly variables: Readonly<Record<string, string>>
    }
  | { readonly role: 'check' | 'install' }

/** Where it works. */
export interface InmatePlace {
  readonly repository: Pick<RepositoryRecord, 'name'>
  /** What it may write. */
  readonly worktree: string
  /** What may be looked at beside it: the folder that its neighbours lie in. */
  readonly beside?: string | undefined
}

/** The sandbox for what is installed or built in a worktree, by the repository it belongs to. */
export type SandboxOf = (repository: Pick<RepositoryRecord, 'name'>, worktree: string) => Promise<Sandbox | undefined>

/** For worktrees that lie side by side in a folder. */
export function installSandbox(context: ExecutionContext, caller: Principal, folder: string): SandboxOf {
  return async (repository, worktree) =>
    await sandboxFor(context, caller, { role: 'install' }, { repository, worktree, beside: folder })
}

/** Where the sessions of this machine listen, the keys of its user among them; what finds names of machines stays. */
const SOCKETS = '/run'
const RESOLVERS = ['/run/systemd/resolve', '/run/resolvconf', '/run/NetworkManager', '/run/nscd', '/run/current-system']

/** The sandbox for a program that others wrote; undefined where the system has none, or a person switched it off. */
export async function sandboxFor(
  context: ExecutionContext,
  caller: Principal,
  inmate: Inmate,
  { repository, worktree, beside }: InmatePlace,
): Promise<Sandbox | undefined> {
  const settings = await readSandbox(context.service, caller)
  if (settings.off !== null || settings.repositories[repository.name] !== undefined) return undefined
  const tool = await findSandboxTool()
  if ('problem' in tool) return undefined
  if (inmate.role === 'agent' && !tool.nests && hasOwnSandbox(inmate.options)) return undefined
  const all = await consult(context.service, caller, 'repository.read', listRepositories)
  const registered = all.flatMap(({ root, commonDir }) => [root, commonDir].filter((path) => path !== undefined))
  const { readable, caches, registries } = toolsOf(childEnvironment())
  const hidden = [...homes(), SOCKETS, ...context.ownPlaces.hidden]
  const shown = [...readable, ...RESOLVERS, ...registered, ...context.ownPlaces.readable, ...settings.readable]
  if (beside !== undefined) shown.push(beside)
  const writable = [...caches, ...settings.writable, worktree]
  if (beside !== undefined) writable.push(join(beside, '.m2'))
  const program: string[] = []
  if (inmate.role === 'install') shown.push(...registries)
  if (inmate.role === 'agent') {
    const { agent, command } = inmate.options
    const own = placesOfAgent([agent, ...command], inmate.variables)
    shown.push(...own.readable)
    writable.push(...own.writable)
    program.push(...programFiles(command.length > 0 ? command : [agent], hidden))
    shown.push(...program)
  }
  writable.push(...passingWorlds(registered, program))
  const network = inmate.role === 'agent' ? settings.agentNetwork : settings.checkNetwork || inmate.role === 'install'
  return { tool, hidden, readable: shown, writable, network }
}

/**
 * Whoever keeps repositories or agents in the folder for what is temporary has a passing world there, which is shared as it is but
 * for the repositories themselves; all else of that folder is private inside.
 */
function passingWorlds(registered: readonly string[], program: readonly string[]): readonly string[] {
  const worlds = ['/tmp', realpathSync(tmpdir())].flatMap((top) =>
    [...registered, ...program].flatMap((path) => {
      const [first] = path.startsWith(top + sep) ? path.slice(top.length + 1).split(sep) : []
      return first === undefined ? [] : [join(top, first)]
    }),
  )
  return worlds.filter((world) => !registered.includes(world))
}

/** Codex puts each command of its model into a sandbox of its own, which it cannot do without. */
export function hasOwnSandbox({ agent, command }: Pick<RunOptions, 'agent' | 'command'>): boolean {
  return [agent, ...command].some((word) => basename(word).includes('codex'))
}

/** Of this user, and of others, whose files root could read. */
function homes(): readonly string[] {
  return [homedir(), '/root', '/home', '/Users']
}

/** Files that a command names, with what belongs to them: the package around them, else their folder. */
function programFiles(command: readonly string[], hidden: readonly string[]): readonly string[] {
  const [program = '', ...args] = command
  const words = [isAbsolute(program) ? program : (found(program) ?? ''), ...args]
  return words
    .filter((word) => isAbsolute(word))
    .flatMap((file) => {
      if (!(statSync(file, { throwIfNoEntry: false })?.isFile() ?? false)) return []
      const places = [...hidden, tmpdir(), '/tmp', '/']
      const around = packageAround(dirname(file), places) ?? dirname(file)
      return places.includes(around) ? [file] : [around]
    })
}

function found(program: string): string | undefined {
  const folders = (childEnvironment()['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, program)).find((file) => existsSync(file))
}

function packageAround(folder: string, ends: readonly string[]): string | undefined {
  for (let at = folder; !ends.includes(at) && dirname(at) !== at; at = dirname(at))
    if (existsSync(join(at, 'package.json')) || existsSync(join(at, 'pyvenv.cfg'))) return at
  return undefined
}
