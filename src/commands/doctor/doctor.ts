import { stat } from 'node:fs/promises'
import type { Principal } from '../../../schemas/actor.ts'
import type { RepositoryHealth } from '../../../schemas/repository.ts'
import { lookAtProgram } from '../../agents/look-at-program.ts'
import type { Config } from '../../config.ts'
import type { RepositoryProbe } from '../../domain/repository/repository.ts'
import type { Service } from '../../domain/service.ts'
import { SpekiError } from '../../errors.ts'
import { ifRefused } from '../../expected.ts'
import { gitProblem, gitVersion } from '../../git/version.ts'
import type { Runtime } from '../../operations/runtime.ts'
import type { Finding } from './finding.ts'

/** Looks at everything SPEKI needs; changes nothing but opening the database, which migrates it. */
export async function examine(
  config: Config,
  runtime: Runtime,
  caller: Principal,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [
    { subject: 'speki', state: 'ok', detail: runtime.version },
    { subject: 'node', state: 'ok', detail: process.version },
  ]
  findings.push(await examineGit(signal))
  findings.push(await examineClient('claude', 'Claude Code'))
  findings.push(await examineClient('codex', 'Codex'))
  findings.push(await examineSandbox(runtime, caller))
  findings.push(...(await examineDatabase(config, runtime, caller)))
  findings.push(...(await examineRepositories(runtime, caller, signal)))
  return findings
}

async function examineGit(signal: AbortSignal): Promise<Finding> {
  const version = await gitVersion(signal)
  if (version === undefined)
    return { subject: 'git', state: 'failed', detail: 'Install git: repositories and proof rest on it.' }
  const old = await gitProblem(signal)
  return { subject: 'git', state: old === undefined ? 'ok' : 'warning', detail: old ?? version }
}

/** A client is looked for and not started: who asks for advice starts nothing. */
async function examineClient(name: string, title: string): Promise<Finding> {
  const found = await lookAtProgram(name)
  if (found === undefined)
    return { subject: name, state: 'warning', detail: `Not found; only needed where ${title} is the client.` }
  return { subject: name, state: 'ok', detail: [found.version, found.file].filter(Boolean).join(' at ') }
}

/** What agents and checks can touch is told, also where a person decided it. */
async function examineSandbox(runtime: Runtime, caller: Principal): Promise<Finding> {
  const { findSandboxTool } = await import('../../process/sandbox-tool.ts')
  const { readSandbox } = await import('../../domain/sandbox.ts')
  const subject = 'sandbox'
  const service = await runtime.open().catch(ifRefused(undefined))
  const off = service && (await readSandbox(service, caller)).off
  if (typeof off === 'string')
    return { subject, state: 'warning', detail: `Off: ${off} To switch it on: speki sandbox --on` }
  const tool = await findSandboxTool()
  if ('problem' in tool)
    return { subject, state: 'warning', detail: `None: agents and checks can touch whatever you can. ${tool.problem}` }
  return { subject, state: 'ok', detail: `${tool.kind} starts; agents and checks run in it` }
}

async function examineDatabase(config: Config, runtime: Runtime, caller: Principal): Promise<readonly Finding[]> {
  try {
    const service = await runtime.open()
    const findings: Finding[] = [{ subject: 'database', state: 'ok', detail: service.database.location }]
    if (service.database.dialect.name === 'sqlite') {
      const { checkIntegrity } = await import('../../store/backup.ts')
      const problem = await checkIntegrity(config.databaseFile)
      findings.push(
        problem === undefined
          ? { subject: 'integrity', state: 'ok', detail: 'SQLite finds no damage' }
          : { subject: 'integrity', state: 'failed', detail: problem },
      )
      if (process.platform !== 'win32') {
        const mode = (await stat(config.databaseFile)).mode & 0o777
        const open = (mode & 0o077) !== 0
        findings.push({
          subject: 'permissions',
          state: open ? 'warning' : 'ok',
          detail: open
            ? `Others can read the database (${mode.toString(8)}): chmod 600 it.`
            : 'Only you can read the database',
        })
      }
    }
    findings.push(...(await examineBackground(service, caller)))
    const { verifyActivity } = await import('../../domain/activity.ts')
    const broken = await verifyActivity(service, caller)
    findings.push({
      subject: 'event log',
      state: broken === undefined ? 'ok' : 'failed',
      detail:
        broken === undefined ? 'The chain of hashes is whole' : `Event ${broken} was changed after it was written.`,
    })
    const { examineWorkspace } = await import('./examine-workspace.ts')
    findings.push(...(await examineWorkspace(service, caller)))
    return findings
  } catch (error) {
    const advice = error instanceof SpekiError && error.hint !== undefined ? ` ${error.hint}` : ''
    return [
      {
        subject: 'database',
        state: 'failed',
        detail: `${error instanceof Error ? error.message : String(error)}${advice}`,
      },
    ]
  }
}

async function examineBackground(service: Service, caller: Principal): Promise<readonly Finding[]> {
  const { readFollowers, readJobs } = await import('../../domain/background.ts')
  const { counts, hosts, problems } = await readJobs(service, caller)
  const waiting = counts.filter(({ state }) => state !== 'done').reduce((sum, { count }) => sum + count, 0)
  const followers = await readFollowers(service, caller)
  const troubles = [...problems, ...followers.flatMap(({ problem }) => problem ?? [])]
  if (troubles.length > 0)
    return troubles.map((detail) => ({ subject: 'background', state: 'warning' as const, detail }))
  const detail = `Workers alive: ${hosts}; jobs not done: ${waiting}; subscribers of the event log: ${followers.length}`
  return [{ subject: 'background', state: 'ok', detail }]
}

async function examineRepositories(
  runtime: Runtime,
  caller: Principal,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const service = await runtime.open().catch(ifRefused(undefined))
  if (service === undefined) return []
  const { queryRepositories } = await import('../../domain/repository/read.ts')
  // Where git does not start, that is one finding of its own; here what is in the database is told all the same.
  const health: RepositoryProbe['health'] = async (repository) =>
    await runtime.probe.health(repository, signal).catch(ifRefused<RepositoryHealth>('ok'))
  const { repositories } = await queryRepositories(service, caller, { health }, { limit: 1000 }, signal)
  return repositories.map(({ repository, health }) => {
    const subject = `repository ${repository.name}`
    if (health === 'missing')
      return {
        subject,
        state: 'warning',
        detail: `Nothing at ${repository.path}. If it moved: speki repository register --name ${repository.name} --path NEW`,
      }
    if (health === 'moved')
      return {
        subject,
        state: 'warning',
        detail: `${repository.path} holds another repository now. Register the right path again.`,
      }
    if (repository.commands.length === 0)
      return {
        subject,
        state: 'warning',
        detail: `No check commands: nothing can be proven. speki repository commands ${repository.name} --test "…"`,
      }
    return { subject, state: 'ok', detail: repository.path ?? repository.remoteUrl ?? '' }
  })
}
