import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { connect, connectV1, temporaryFolder } from './connect.ts'
import { answers, BODY, type Claimed, doWork, git, planned } from './workspace.ts'

describe.each([
  ['2026-07-28', connect],
  ['2025', connectV1],
] as const)('over protocol %s', (_, connectTo) => {
  test('a PRD over two repositories goes from registration to completion, library first', async () => {
    const folder = await temporaryFolder()
    const agent = await connectTo({ db: join(folder, 'speki.db') })
    const { prd } = await planned(agent, folder)

    const first = await agent.ok<Claimed>('task_claim')
    const nothing = await agent.ok<Claimed>('task_claim')
    doWork(first)
    await agent.ok('task_validate', { task: first.task.id, lease_token: first.lease.token })
    const done = await agent.ok('task_complete', {
      task: first.task.id,
      lease_token: first.lease.token,
      evidence: answers(first),
    })
    const second = await agent.ok<Claimed>('task_claim')
    doWork(second)
    await agent.ok('task_validate', { task: second.task.id, lease_token: second.lease.token })
    await agent.ok('task_complete', {
      task: second.task.id,
      lease_token: second.lease.token,
      evidence: answers(second),
    })

    expect(first.task.repository).toBe('api')
    expect(nothing.claimed).toBe(false)
    expect(done).toMatchObject({ status: 'done', readied: [second.task.id] })
    expect(second.task.repository).toBe('web')
    expect(await agent.ok('prd_get', { id: prd, include: ['requirements', 'progress'] })).toMatchObject({
      state: 'completed',
      requirements: [{ state: 'done' }, { state: 'done' }],
      progress: { all: { total: 2, done: 2 } },
    })
  })
})

test('completion is refused while checks are red, unanswered, or the tree moved; then it closes with evidence', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const { api } = await planned(agent, folder)
  const claim = await agent.ok<Claimed>('task_claim')
  const proof = { task: claim.task.id, lease_token: claim.lease.token, evidence: answers(claim) }
  const validate = { task: claim.task.id, lease_token: claim.lease.token }

  const unproven = await agent.call('task_complete', proof)
  writeFileSync(join(api, 'index.js'), 'export const ok = false\n')
  const red = await agent.ok('task_validate', validate)
  const refused = await agent.call('task_complete', proof)
  writeFileSync(join(api, 'index.js'), 'export const ok = 1\n')
  const green = await agent.ok('task_validate', validate)
  writeFileSync(join(api, 'untracked.txt'), 'later\n')
  const moved = await agent.call('task_complete', proof)
  await agent.ok('task_validate', validate)
  const unanswered = await agent.call('task_complete', { ...proof, evidence: { summary: 'did it', criteria: [] } })
  const partial = await agent.ok('task_validate', { ...validate, only: ['lint'] })
  const incomplete = await agent.call('task_complete', proof)
  await agent.ok('task_validate', validate)
  const closed = await agent.ok('task_complete', proof)

  expect(unproven.text).toMatch(/No checks ran under this claim/)
  expect(red).toMatchObject({
    passed: false,
    checks: [{ kind: 'test', status: 'failed', exit_code: 1, first_error: expect.stringContaining('not ok') }],
  })
  expect(refused.isError).toBe(true)
  expect(refused.text).toMatch(/test check \(npm .*\) failed/)
  expect(green).toMatchObject({ passed: true, complete: true })
  expect(moved.text).toMatch(/Files changed while or after the checks ran/)
  expect(unanswered.text).toMatch(/Criterion 1 .* has no answer/)
  expect(partial).toMatchObject({ complete: false })
  expect(incomplete.isError).toBe(true)
  expect(closed).toMatchObject({ status: 'done', tree: expect.stringMatching(/^[0-9a-f]{40}/) })
  const { evidence } = await agent.ok<{ evidence: unknown }>('task_get', { task: claim.task.id })
  expect(evidence).toMatchObject({
    by: expect.stringMatching(/^test-agent#[0-9a-f]{4}$/),
    checks: [{ kind: 'test', status: 'passed' }],
    summary: 'did it',
  })
})

test('a second agent sees the work of the first and never gets the same task', async () => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const first = await connect({ db, name: 'first' })
  const second = await connect({ db, name: 'second' })
  await planned(first, folder)

  const mine = await first.ok<Claimed>('task_claim')
  const theirs = await second.call('task_claim', { task: mine.task.id })
  const stolen = await second.call('task_complete', {
    task: mine.task.id,
    lease_token: 'guess',
    evidence: { summary: 'x', criteria: [] },
  })
  const status = await second.ok('speki_status')

  expect(theirs.text).toMatch(/is held by first#[0-9a-f]{4}\./)
  expect(stolen.text).toMatch(/first#[0-9a-f]{4} holds it now/)
  expect(status).toMatchObject({
    in_progress: [{ id: mine.task.id, holder: expect.stringMatching(/^first#/) }],
    yours: [],
  })
})

test('an edit on an old revision is merged, or refused with base, mine and theirs', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const { prd } = await planned(agent, folder)

  await agent.ok('prd_edit', {
    id: prd,
    base_revision: 1,
    replacements: [{ old: 'answer 201.\n\nAcceptance', new: 'answer 201 at once.\n\nAcceptance' }],
  })
  const merged = await agent.ok('prd_edit', {
    id: prd,
    base_revision: 1,
    body: BODY.replace('within 2 seconds.\n\nAcceptance', 'within 1 second.\n\nAcceptance'),
  })
  const conflict = await agent.call('prd_edit', {
    id: prd,
    base_revision: 1,
    body: BODY.replace('answer 201.\n\nAcceptance', 'answer 202.\n\nAcceptance'),
  })
  const { body, revision } = await agent.ok<{ body: string; revision: number }>('prd_get', { id: prd })

  expect(merged).toMatchObject({ revision: 3, merged: true, stale_tasks: [expect.stringMatching(/^TASK-/)] })
  expect(conflict.isError).toBe(true)
  expect(conflict.text).toMatch(/"base":.*"mine":.*"theirs":/s)
  expect(revision).toBe(3)
  expect(body).toContain('answer 201 at once.')
  expect(body).toContain('within 1 second.')
})

test('re-planning after an edit keeps finished and claimed tasks', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const { prd } = await planned(agent, folder)
  const claim = await agent.ok<Claimed>('task_claim')

  await agent.ok('prd_edit', {
    id: prd,
    base_revision: 1,
    body: `${BODY}\n### FR-003: Cancel an order [repo: api]\n\nThe system shall answer 204 to a cancellation.\n\nAcceptance criteria:\n- Given an order, when it is cancelled, then the answer is 204.\n`,
  })
  const stale = await agent.call('plan_submit', {
    prd,
    base_revision: 1,
    tasks: [{ ref: 'T1', title: 'x', repository: 'api' }],
  })
  const draft = await agent.ok<{ base_revision: number; tasks: { ref: string }[]; kept: { task: string }[] }>(
    'plan_draft',
    { prd },
  )
  const accepted = await agent.ok('plan_submit', { prd, base_revision: draft.base_revision, tasks: draft.tasks })

  expect(stale.text).toMatch(/revision/)
  expect(draft.kept.map((kept) => kept.task)).toContain(claim.task.id)
  expect(accepted).toMatchObject({ kept: [claim.task.id], created_total: 1 })
})

test('a repeated call with the same idempotency key changes nothing twice', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  await planned(agent, folder)
  const key = { idempotency_key: 'once-and-only-once' }

  const first = await agent.ok<Claimed>('task_claim', key)
  const again = await agent.ok<Claimed>('task_claim', key)
  const other = await agent.call('task_claim', { ...key, repository: 'api' })

  expect(again.task).toEqual({ ...first.task, lease_expires_at: expect.any(String) })
  expect(other.text).toMatch(/was used for another call/)
})

test('the same workspace is there for the next chat', async () => {
  const folder = await temporaryFolder()
  const db = join(folder, 'speki.db')
  const today = await connect({ db })
  const { prd, api } = await planned(today, folder)
  await today.ok('knowledge_add', { text: 'Run the fixtures first', category: 'testing', repository: 'api' })
  await today.close()

  const tomorrow = await connect({ db })
  const found = await tomorrow.ok('prd_list', { query: 'number of the order' })
  const claim = await tomorrow.ok<Claimed>('task_claim', { repository: 'api' })

  expect(found).toMatchObject({ total: 1, prds: [{ id: prd }] })
  expect(claim.task).toMatchObject({ path: api, knowledge: [{ text: 'Run the fixtures first' }] })
  expect(git(api, 'status', '--porcelain')).toBe('')
})
