import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { z } from 'zod'
import { connect, type DemoClient } from './client.ts'
import { EDITS } from './story.ts'

const Claimed = z.object({
  claimed: z.boolean(),
  lease: z.object({ token: z.string() }).optional(),
  task: z
    .object({
      id: z.string(),
      title: z.string(),
      path: z.string(),
      acceptance_criteria: z.array(z.object({ criterion: z.number(), text: z.string() })),
      requirements: z.array(z.object({ label: z.string().optional() })),
    })
    .optional(),
})
type Work = NonNullable<z.infer<typeof Claimed>['task']>

const Progress = z.object({ tasks: z.object({ total: z.number(), done: z.number() }) })
const Checked = z.object({
  passed: z.boolean(),
  checks: z.array(
    z.object({ kind: z.string(), status: z.string(), tests: z.object({ passed: z.number().optional() }).optional() }),
  ),
})

/** One worker process: claims what is ready in its repository until the PRD is done, and proves each task. */
export async function work(
  name: string,
  database: string,
  repository: string,
  prd: string,
  say: (text: string) => void,
): Promise<void> {
  const client = await connect(name, database)
  try {
    for (;;) {
      const claim = Claimed.parse(await client.call('task_claim', { repository, prd }))
      if (claim.task !== undefined && claim.lease !== undefined) {
        say(`${name} claimed ${claim.task.id} "${claim.task.title}"`)
        await doTask(client, name, claim.task, claim.lease.token, say)
        continue
      }
      const { tasks } = Progress.parse(await client.call('speki_status', { prd, repository }))
      if (tasks.done === tasks.total) return
      await sleep(100)
    }
  } finally {
    await client.close()
  }
}

async function doTask(
  client: DemoClient,
  name: string,
  task: Work,
  token: string,
  say: (text: string) => void,
): Promise<void> {
  const module = join(task.path, 'index.js')
  const before = await readFile(module, 'utf8')
  const edits = task.requirements.flatMap(({ label }) =>
    label === undefined || EDITS[label] === undefined ? [] : [{ label, edit: EDITS[label] }],
  )
  const proof = {
    task: task.id,
    lease_token: token,
    evidence: {
      summary: task.title,
      criteria: task.acceptance_criteria.map(({ criterion, text }) => ({
        criterion,
        met: true,
        how: `test for: ${text}`,
      })),
    },
  }
  for (const { label, edit } of edits)
    await writeFile(join(task.path, 'test', `${label.toLowerCase()}.test.js`), edit.tests)

  if (edits.some(({ edit }) => edit.wrong !== undefined)) {
    for (const { edit } of edits) await appendFile(module, edit.wrong ?? edit.module)
    const checked = Checked.parse(await client.call('task_validate', { task: task.id, lease_token: token }))
    const refusal = await client.refusal('task_complete', proof)
    if (checked.passed || refusal === undefined) throw new Error(`${task.id} was closed although its tests are red`)
    say(`${name} was refused ${task.id}: ${refusal.split('\n', 1)[0]?.slice(0, 110)}`)
    await writeFile(module, before)
  }
  for (const { edit } of edits) await appendFile(module, edit.module)
  const checked = Checked.parse(await client.call('task_validate', { task: task.id, lease_token: token }))
  await execa('git', ['add', '--all'], { cwd: task.path })
  await execa('git', ['commit', '--quiet', '--message', `${task.id}: ${task.title}`], { cwd: task.path })
  await client.call('task_complete', proof)
  const tests = checked.checks.find((check) => check.kind === 'test')?.tests?.passed
  say(`${name} proved ${task.id}${tests === undefined ? '' : ` with ${tests} tests`}, committed and completed it`)
}
