import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { answer, scriptedAgent } from '../../test/execution/scripted-agent.ts'
import { LAUNCHER, type Server } from '../server.ts'
import type { Change } from './changes.ts'
import { git } from './clone.ts'

export interface Command {
  readonly kind: string
  /** As SPEKI tells it. */
  readonly command: string
  readonly source: string
}

interface Line {
  readonly level: string
  readonly subject: string
  readonly message: string
}

/** How one run of one task ended. */
export interface Played {
  readonly state: string
  readonly accepted: boolean
  /** What the preflight stopped at, or the run or task failed for. */
  readonly why: string
  /** Paths on the branch of the change set that the agent did not write. */
  readonly beyond: readonly string[]
  /** Paths that the agent wrote and that are not there, or otherwise. */
  readonly lost: readonly string[]
  readonly stops: readonly Line[]
  readonly seconds: number
}

interface Stage {
  readonly server: Server
  readonly folder: string
  readonly root: string
  readonly repository: string
}

/** What a person sets with `speki repository commands`; without arguments, what there is. */
export function checksOf({ folder, repository }: Stage, ...args: readonly string[]): readonly Command[] {
  const words = ['repository', 'commands', repository, ...args, '--json', '--db', join(folder, 'speki.db')]
  const text = execFileSync(process.execPath, [LAUNCHER, ...words], { encoding: 'utf8' })
  return (JSON.parse(text) as { readonly checks: readonly Command[] }).checks
}

/** A task for itself, done by an agent that makes this change, judged as any other. */
export async function play(
  { server, folder, root, repository }: Stage,
  title: string,
  change: Change,
): Promise<Played> {
  const begun = performance.now()
  const base = git(root, 'rev-parse', 'HEAD').trim()
  const { output: prd } = await server.call('prd_create', { title, repositories: [repository], body: `# ${title}\n` })
  const { output: task } = await server.call('task_create', {
    prd: prd['id'],
    title,
    repository,
    description: `${title}. Nothing else changes.`,
    acceptance_criteria: [`${title}, and a test shows it`],
  })
  const { what: _, ...behaviour } = change
  const agentFolder = join(folder, 'agents', String(prd['id']))
  execFileSync('mkdir', ['-p', agentFolder])
  const command = scriptedAgent(agentFolder, { TASK: [{ ...behaviour, say: answer(1) }] })
  const { output: started } = await server.call('run_start', {
    tasks: [task['id']],
    agent: 'command',
    command,
    attempts: 1,
  })
  const stops = ((started['preflight'] ?? []) as readonly Line[]).filter(({ level }) => level === 'stop')
  const seconds = () => Math.round((performance.now() - begun) / 1000)
  if (started['run'] === undefined)
    return {
      state: 'not started',
      accepted: false,
      why: stops.map(({ message }) => message).join(' '),
      beyond: [],
      lost: [],
      stops,
      seconds: seconds(),
    }
  const { run, tasks } = await untilStill(server, String(started['run']))
  const accepted = tasks[0]?.status === 'done'
  const branch = String(started['change_set']).toLowerCase()
  const landed = accepted
    ? git(root, 'diff', '--name-only', '--no-renames', base, `speki/${branch}`).split('\n').filter(Boolean)
    : []
  const written = [...Object.keys(change.write ?? {}), ...(change.remove ?? [])]
  return {
    state: run.state,
    accepted,
    why: accepted ? '' : `${tasks[0]?.failure ?? run.state}: ${tasks[0]?.summary ?? run.reason ?? ''}`,
    beyond: landed.filter((path) => !written.includes(path)),
    lost: accepted
      ? Object.entries(change.write ?? {}).flatMap(([path, text]) => (shown(root, branch, path) === text ? [] : [path]))
      : [],
    stops,
    seconds: seconds(),
  }
}

function shown(root: string, branch: string, path: string): string | undefined {
  try {
    return git(root, 'show', `speki/${branch}:${path}`)
  } catch {
    return undefined
  }
}

interface Progress {
  readonly run: { readonly state: string; readonly reason?: string }
  readonly tasks: readonly { readonly status: string; readonly failure?: string; readonly summary?: string }[]
}

async function untilStill(server: Server, id: string): Promise<Progress> {
  for (;;) {
    const { output } = await server.call('run_status', { id })
    const progress = output as unknown as Progress
    if (!['queued', 'running'].includes(progress.run.state)) return progress
    await new Promise((done) => setTimeout(done, 300))
  }
}

/** How each check went on the base, where SPEKI ran it. */
export function baseOf(folder: string): ReadonlyMap<string, readonly string[]> {
  const sql = new DatabaseSync(join(folder, 'speki.db'), { readOnly: true })
  const rows = sql.prepare('SELECT result FROM baseline ORDER BY at').all()
  sql.close()
  return new Map(
    rows.flatMap(({ result }) =>
      (JSON.parse(String(result)) as Baseline).checks.map(
        ({ command, runs }) => [command.join(' '), runs.map(({ status }) => status)] as const,
      ),
    ),
  )
}

interface Baseline {
  readonly checks: readonly {
    readonly command: readonly string[]
    readonly runs: readonly { readonly status: string }[]
  }[]
}

/** Waits until the worker that a run started has nothing more to do and is gone. */
export async function untilWorkersEnd(folder: string): Promise<void> {
  for (let round = 0; round < 100; round += 1) {
    const text = execFileSync(process.execPath, [LAUNCHER, 'job', 'list', '--json', '--db', join(folder, 'speki.db')], {
      encoding: 'utf8',
    })
    if ((JSON.parse(text) as { readonly workers: number }).workers === 0) return
    await new Promise((done) => setTimeout(done, 500))
  }
}
