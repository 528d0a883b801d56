import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect, temporaryFolder } from '../mcp/connect.ts'
import { answers, type Claimed, git, planned } from '../mcp/workspace.ts'

type OwnClaim = Claimed & { readonly worktree: string; readonly beside?: readonly string[] }

test('an agent in its own chat gets a worktree, checkpoints, a way back, and its proven work lands', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const { api, web, prd } = await planned(agent, folder)
  const claim = await agent.ok<OwnClaim>('task_claim', { prd, worktree: true })
  const hold = { task: claim.task.id, lease_token: claim.lease.token }
  const { worktree } = claim
  expect(worktree).not.toBe(api)
  expect(readFileSync(join(worktree, 'index.js'), 'utf8')).toBe('export const ok = true\n')

  writeFileSync(join(worktree, 'index.js'), 'export const ok = true\nexport const orders = []\n')
  const green = await agent.ok<{ id: string; passed: boolean }>('task_validate', hold)
  expect(green.passed).toBe(true)
  writeFileSync(join(worktree, 'index.js'), 'export const ok = false\n')
  writeFileSync(join(worktree, 'stray.js'), 'x\n')
  expect(await agent.ok('task_validate', hold)).toMatchObject({ passed: false })

  const back = await agent.ok<{ kept: string }>('task_rollback', hold)
  expect(back).toMatchObject({
    restored: green.id,
    checkpoints: ['start', green.id],
    class: 'ACCEPTANCE_FAIL',
    findings: [expect.stringMatching(/test \(npm run test\) failed/)],
  })
  expect(readFileSync(join(worktree, 'index.js'), 'utf8')).toContain('orders')
  expect(existsSync(join(worktree, 'stray.js'))).toBe(false)
  expect(git(api, 'show', `${back.kept}:stray.js`)).toBe('x\n')
  await agent.ok('task_rollback', { ...hold, checkpoint: 'start' })
  expect(readFileSync(join(worktree, 'index.js'), 'utf8')).toBe('export const ok = true\n')
  await agent.ok('task_rollback', { ...hold, checkpoint: green.id })
  expect((await agent.call('task_rollback', { ...hold, checkpoint: 'nowhere' })).text).toMatch(
    /no checkpoint nowhere.*There are: start, CHECK-\d+/s,
  )

  // The proof is of the newest validation: it has to be made again.
  await agent.ok('task_validate', hold)
  await agent.ok('task_complete', { ...hold, evidence: answers(claim) })
  expect(git(api, 'log', '-1', '--format=%s', 'speki/cs-1').trim()).toBe(claim.task.title)
  expect(git(api, 'show', 'speki/cs-1:index.js')).toContain('orders')
  expect(existsSync(worktree)).toBe(false)
  expect(git(api, 'worktree', 'list').trim().split('\n')).toHaveLength(1)
  expect(git(api, 'status', '--porcelain')).toBe('')

  // Work on the working copy goes on as before, and the change set of the PRD is one.
  const next = await agent.ok<OwnClaim>('task_claim', { prd, worktree: true })
  expect(next.task.repository).toBe('web')
  expect(await agent.ok('changeset_get', { id: 'CS-1' })).toMatchObject({
    members: [{ repository: 'api' }, { repository: 'web' }],
  })
  // A repository of its own: what an agent does there with git stays there.
  expect(git(web, 'worktree', 'list')).not.toContain('TASK-2-1')
  expect(claim.beside).toBeUndefined()
  expect(next.beside).toContainEqual(expect.stringMatching(/^api lies in .*TASK-2-1.api\.$/))
  expect(readFileSync(join(next.worktree, '../api/index.js'), 'utf8')).toContain('orders')
})

test('there is nothing to roll back without a worktree of SPEKI', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db') })
  const { prd } = await planned(agent, folder)
  const claim = await agent.ok<Claimed>('task_claim', { prd })
  const refused = await agent.call('task_rollback', { task: claim.task.id, lease_token: claim.lease.token })
  expect(refused.text).toMatch(/no checkpoint.*task_claim task="TASK-1" worktree=true/s)
})

test('of two agents in one repository the second brings in what the first has landed, and proves both', async () => {
  const folder = await temporaryFolder()
  // Reached through a link, as temporary folders are on macOS.
  symlinkSync(folder, join(folder, 'link'))
  const db = join(folder, 'link/speki.db')
  const [one, two] = [await connect({ db }), await connect({ db })]
  const { api, prd } = await planned(one, folder)
  await one.ok('task_create', {
    prd,
    title: 'Also',
    repository: 'api',
    description: 'Another file.',
    acceptance_criteria: ['It is there'],
  })
  const claims = [
    await one.ok<OwnClaim>('task_claim', { prd, repository: 'api', worktree: true }),
    await two.ok<OwnClaim>('task_claim', { prd, repository: 'api', worktree: true }),
  ] as const
  const hold = (claim: OwnClaim) => ({ task: claim.task.id, lease_token: claim.lease.token })
  const done = (claim: OwnClaim) => ({ ...hold(claim), evidence: answers(claim) })
  for (const [index, { worktree }] of claims.entries())
    writeFileSync(join(worktree, `part-${index}.js`), `export const part = ${index}\n`)
  await one.ok('task_validate', hold(claims[0]))
  await two.ok('task_validate', hold(claims[1]))
  await one.ok('task_complete', done(claims[0]))
  const late = await two.call('task_complete', done(claims[1]))
  expect(late.text).toMatch(/Other work landed.*is in your worktree now.*Nothing was closed.*task_validate .*again/s)
  expect(existsSync(join(claims[1].worktree, 'part-0.js'))).toBe(true)
  await two.ok('task_validate', hold(claims[1]))
  await two.ok('task_complete', done(claims[1]))
  expect(git(api, 'ls-tree', '--name-only', 'speki/cs-1')).toMatch(/part-0\.js\npart-1\.js/)
  expect(git(api, 'rev-list', '--count', 'main..speki/cs-1').trim()).toBe('2')
})
