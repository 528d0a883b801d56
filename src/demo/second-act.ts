import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { z } from 'zod'
import { type DemoClient, programFile } from './client.ts'
import { SECOND_BODY, SECOND_TITLE } from './second-story.ts'

const Created = z.object({ id: z.string() })
const Draft = z.object({
  base_revision: z.number(),
  tasks: z.array(z.looseObject({ ref: z.string(), repository: z.string() })),
})
const Started = z.object({
  started: z.boolean(),
  run: z.string().optional(),
  change_set: z.string().optional(),
  preflight: z.array(z.object({ level: z.string(), message: z.string() })),
})
const Progress = z.object({
  run: z.object({ state: z.string(), reason: z.string().optional() }),
  tasks: z.array(z.object({ id: z.string(), repository: z.string(), status: z.string(), attempts: z.number() })),
  events: z.array(z.object({ type: z.string(), subject: z.string(), detail: z.string().optional() })),
  events_cursor: z.number(),
})

const NAMES = ['pricing', 'till', 'receipt']

/** What is worth telling of a run while it goes on. */
const TOLD: Readonly<Record<string, string>> = {
  'attempt.started': 'an agent begins in a worktree of its own',
  'attempt.failed': 'taken back',
  'attempt.landed': 'proven and landed in the change set',
  'changeset.tested': 'tested together',
  'changeset.failed': 'red together',
  'changeset.delivered': 'merged',
}

/**
 * A run without anybody: three repositories, of which each uses the one before, one agent a task that plays a script, one of
 * them wrong at first. Prints what happens; resolves with what must hold.
 */
export async function playRun(
  client: DemoClient,
  folder: string,
  say: (text: string) => void,
): Promise<readonly (readonly [string, boolean])[]> {
  await client.call('repository_register', { path: join(folder, 'receipt') })
  const { id } = Created.parse(
    await client.call('prd_create', { title: SECOND_TITLE, body: SECOND_BODY, repositories: NAMES }),
  )
  const draft = Draft.parse(await client.call('plan_draft', { prd: id }))
  await client.call('plan_submit', { prd: id, base_revision: draft.base_revision, tasks: draft.tasks })
  say(
    `planned ${id} "${SECOND_TITLE}": ${draft.tasks.map(({ ref, repository }) => `${ref} in ${repository}`).join(', ')}`,
  )
  const started = Started.parse(
    await client.call('run_start', {
      prd: id,
      agent: 'command',
      command: [process.execPath, programFile(), 'demo-agent'],
      attempts: 2,
      deliver: 'merge',
    }),
  )
  if (started.run === undefined) throw new Error(started.preflight.map(({ message }) => message).join('; '))
  say(`started ${started.run}: a worker in the background takes it from here`)
  const progress = await follow(client, started.run, say)
  const heads = await Promise.all(
    NAMES.map(
      async (name) => (await execa('git', ['log', '-1', '--format=%B', 'main'], { cwd: join(folder, name) })).stdout,
    ),
  )
  const open = await Promise.all(
    NAMES.map(async (name) => (await execa('git', ['status', '--porcelain'], { cwd: join(folder, name) })).stdout),
  )
  const kept = await execa('git', ['for-each-ref', 'refs/speki/discarded'], { cwd: join(folder, 'till') })
  const attempts = progress.tasks.map((task) => task.attempts)
  return [
    [`${started.run} succeeded without anybody`, progress.run.state === 'succeeded'],
    [
      'a wrong try was taken back, and its work is kept under a ref',
      attempts.filter((number) => number > 1).length === 1 && kept.stdout !== '',
    ],
    [
      'each repository was tested with the unmerged ones it uses',
      progress.tasks.every(({ status }) => status === 'done'),
    ],
    [
      `${started.change_set} is merged into all three`,
      heads.every((head) => head.includes(`Speki-Change-Set: ${started.change_set}`)),
    ],
    ['no working copy was left with changes', open.every((status) => status === '')],
  ]
}

async function follow(client: DemoClient, run: string, say: (text: string) => void): Promise<z.infer<typeof Progress>> {
  let after = 1
  for (;;) {
    const progress = Progress.parse(await client.call('run_status', { id: run, after }))
    after = progress.events_cursor
    for (const { type, subject, detail } of progress.events) {
      const told = TOLD[type]
      const where = progress.tasks.find(({ id }) => id === subject)?.repository
      if (told !== undefined)
        say(
          `${subject}${where === undefined ? '' : ` in ${where}`}: ${told}${detail === undefined ? '' : ` (${detail.split('\n', 1)[0]?.slice(0, 90)})`}`,
        )
    }
    if (!['queued', 'running'].includes(progress.run.state)) {
      if (progress.run.reason !== undefined) say(`${run} ${progress.run.state}: ${progress.run.reason}`)
      return progress
    }
    await sleep(100)
  }
}
