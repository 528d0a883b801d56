import { execa } from 'execa'
import { z } from 'zod'
import type { DemoClient } from './client.ts'

const Counts = z.object({ total: z.number(), done: z.number() })
const Overview = z.object({
  state: z.string(),
  progress: z.object({ all: Counts, repositories: z.array(z.object({ name: z.string(), tasks: Counts })) }),
  requirements: z.array(z.object({ id: z.string(), label: z.string().optional(), state: z.string() })),
  tasks: z.array(z.object({ id: z.string() })),
})
const Proven = z.object({
  id: z.string(),
  repository: z.string(),
  evidence: z.object({
    by: z.string(),
    tree: z.string(),
    commit: z.string().optional(),
    checks: z.array(
      z.object({ kind: z.string(), status: z.string(), tests: z.object({ passed: z.number().optional() }).optional() }),
    ),
  }),
})
const Feed = z.object({
  events: z.array(z.object({ at: z.string(), type: z.string(), subject: z.string(), actor: z.string() })),
})

/** Asks the server what it knows now, prints it, and says whether all of it holds. */
export async function report(
  client: DemoClient,
  prd: string,
  paths: readonly string[],
  out: { readonly say: (text: string) => void; readonly write: (text: string) => void },
): Promise<boolean> {
  const overview = Overview.parse(
    await client.call('prd_get', { id: prd, include: ['progress', 'requirements', 'tasks'] }),
  )
  const proven = await Promise.all(
    overview.tasks.map(async ({ id }) => Proven.parse(await client.call('task_get', { task: id }))),
  )
  const { events } = Feed.parse(await client.call('activity_list', { prd, follow: true, limit: 100 }))

  out.write(`\nProgress of ${prd} (${overview.state})\n`)
  for (const { name, tasks } of overview.progress.repositories)
    out.write(
      `  ${name.padEnd(10)} ${'█'.repeat(tasks.done)}${'░'.repeat(tasks.total - tasks.done)} ${tasks.done}/${tasks.total}\n`,
    )
  out.write('\nEvidence by task\n')
  for (const task of proven) {
    const checks = task.evidence.checks
      .map(
        (check) =>
          `${check.kind} ${check.status}${check.tests?.passed === undefined ? '' : ` (${check.tests.passed} tests)`}`,
      )
      .join(', ')
    out.write(
      `  ${task.id.padEnd(8)} ${task.repository.padEnd(8)} ${checks}  tree ${task.evidence.tree.slice(0, 10)}  by ${task.evidence.by}\n`,
    )
  }
  out.write('\nTime line\n')
  for (const event of events)
    out.write(`  ${event.at.slice(11, 23)}  ${event.actor.padEnd(20)} ${event.type.padEnd(18)} ${event.subject}\n`)

  const subjects = (type: string) => events.filter((event) => event.type === type).map((event) => event.subject)
  const claims = subjects('task.claimed')
  const clean = await Promise.all(
    paths.map(async (path) => (await execa('git', ['status', '--porcelain'], { cwd: path })).stdout === ''),
  )
  const facts: readonly (readonly [string, boolean])[] = [
    [
      'every task is done',
      overview.progress.all.total > 0 && overview.progress.all.done === overview.progress.all.total,
    ],
    [
      'every requirement is done',
      overview.requirements.length > 0 && overview.requirements.every((requirement) => requirement.state === 'done'),
    ],
    ['the PRD closed by itself', overview.state === 'completed'],
    ['no task was claimed twice', new Set(claims).size === claims.length && claims.length === overview.tasks.length],
    [
      'the library came before the service that uses it',
      firstOf(events, proven, 'till', 'task.claimed') > lastOf(events, proven, 'pricing', 'task.completed'),
    ],
    ['one completion was refused while its tests were red', subjects('task.validated').length > overview.tasks.length],
    [
      'each completion rests on green checks',
      proven.every(
        (task) => task.evidence.checks.length > 0 && task.evidence.checks.every((check) => check.status === 'passed'),
      ),
    ],
    ['everything is committed', clean.every(Boolean)],
  ]
  out.write('\n')
  for (const [fact, holds] of facts) out.write(`  ${holds ? '✓' : '✗'} ${fact}\n`)
  const held = facts.every(([, holds]) => holds)
  return held
}

interface Line {
  readonly type: string
  readonly subject: string
}

function places(
  events: readonly Line[],
  tasks: readonly { readonly id: string; readonly repository: string }[],
  repository: string,
  type: string,
): readonly number[] {
  const ids = tasks.filter((task) => task.repository === repository).map((task) => task.id)
  return events.flatMap((event, place) => (event.type === type && ids.includes(event.subject) ? [place] : []))
}

function firstOf(...args: Parameters<typeof places>): number {
  return Math.min(...places(...args))
}

function lastOf(...args: Parameters<typeof places>): number {
  return Math.max(...places(...args))
}
