import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect, temporaryFolder } from './connect.ts'
import { type Claimed, makeRepository } from './workspace.ts'

const MAX_ANSWER = 8000

test('no answer is longer than its budget, however much there is', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const long = 'A sentence that goes on and says a little more than it has to. '.repeat(6)
  const names = Array.from({ length: 25 }, (_, index) => `repository-${index}`)
  for (const name of names)
    await agent.ok('repository_register', { path: makeRepository(folder, name), description: long.repeat(3) })
  const requirements = Array.from({ length: 200 }, (_, index) => {
    const criteria = Array.from(
      { length: 9 },
      (_, number) => `- Given state ${number} of part ${index}, when it is asked, then it answers ${number}. ${long}`,
    )
    return `### FR-${index + 1}: Part ${index + 1} [repo: repository-${index % 25}]\n\nThe system shall answer ${index + 1}. ${long}\n\nAcceptance criteria:\n${criteria.join('\n')}\n`
  })
  const body = `# Big\n\n## Requirements\n\n${requirements.join('\n')}\n## Open questions\n\n${Array.from({ length: 60 }, (_, index) => `- Question ${index}? ${long}`).join('\n')}\n`
  const { id } = await agent.ok<{ id: string }>('prd_create', { title: 'Big', body, repositories: names })
  const tasks: unknown[] = []
  let base = 0
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const draft: { tasks: unknown[]; base_revision: number; next_offset?: number } = await agent.ok('plan_draft', {
      prd: id,
      offset,
      // The rest in larger parts: what is asked for may be long.
      ...(offset > 3 && { max_chars: 200_000 }),
    })
    if (offset <= 3) expect(JSON.stringify(draft).length, `plan_draft from ${offset}`).toBeLessThanOrEqual(MAX_ANSWER)
    tasks.push(...draft.tasks)
    base = draft.base_revision
    offset = draft.next_offset
  }
  const plan = await agent.ok('plan_submit', { prd: id, base_revision: base, tasks })
  const claim = await agent.ok<Claimed>('task_claim')
  for (let index = 0; index < 30; index += 1) {
    await agent.ok('task_update', { task: claim.task.id, note: long.repeat(10) })
    await agent.ok('knowledge_add', { text: long.repeat(8), category: 'patterns' })
  }
  const broken = await agent.call('plan_submit', {
    prd: id,
    base_revision: base,
    tasks: tasks.map((task) => ({ ...(task as object), repository: 'nowhere', depends_on: ['GONE'] })),
  })

  const answers: Record<string, unknown> = {
    plan,
    claim,
    broken: broken.text,
    status: await agent.ok('speki_status'),
    repositories: await agent.ok('repository_list', { limit: 100 }),
    prds: await agent.ok('prd_list', { limit: 100 }),
    body: await agent.ok('prd_get', { id }),
    requirements: await agent.ok('prd_get', { id, include: ['requirements'] }),
    tasksOfPrd: await agent.ok('prd_get', { id, include: ['tasks', 'progress', 'history'] }),
    everything: await agent.ok('prd_get', { id, include: ['body', 'requirements', 'tasks', 'progress', 'history'] }),
    check: await agent.ok('prd_check', { id }),
    task: await agent.ok('task_get', { task: claim.task.id }),
    tasks: await agent.ok('task_list'),
    knowledge: await agent.ok('knowledge_search'),
    activity: await agent.ok('activity_list'),
  }
  expect(tasks).toHaveLength(200)
  const over = Object.entries(answers)
    .map(([name, answer]) => [name, JSON.stringify(answer).length] as const)
    .filter(([, length]) => length > MAX_ANSWER)
  expect(over).toEqual([])
})
