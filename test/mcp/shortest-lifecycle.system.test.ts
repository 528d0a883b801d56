import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect, temporaryFolder } from './connect.ts'
import { answers, BODY, type Claimed, makeRepository } from './workspace.ts'

const MAX_CALLS = 14
const MAX_TOKENS = 5500

test('the shortest way over two repositories takes 14 calls, each named by the one before, and 5,500 tokens', async () => {
  const folder = await temporaryFolder()
  const api = makeRepository(folder, 'api')
  const web = makeRepository(folder, 'web', { dependencies: { api: '1.0.0' } })
  const agent = await connect({ db: join(folder, 'speki.db'), env: { SPEKI_HOME: join(folder, 'home') } })
  const spent: { readonly tool: string; readonly tokens: number }[] = []
  const call = async <T = Record<string, unknown>>(tool: string, args: Record<string, unknown> = {}) => {
    const answer = await agent.ok<T & { next: string[] }>(tool, args)
    spent.push({ tool, tokens: Math.ceil(Buffer.byteLength(JSON.stringify(answer)) / 4) })
    return answer
  }
  const workOn = async () => {
    const claim = await call<Claimed & { worktree: string }>('task_claim', { worktree: true })
    writeFileSync(join(claim.worktree, 'index.js'), `export const ok = '${claim.task.id}'\n`)
    const held = { task: claim.task.id, lease_token: claim.lease.token }
    await call('task_validate', held)
    return await call<{ change_set: string }>('task_complete', { ...held, evidence: answers(claim) })
  }

  await call('repository_register', { path: api })
  await call('repository_register', { path: web })
  const { id: prd } = await call<{ id: string }>('prd_create', {
    title: 'Orders',
    body: BODY,
    repositories: ['api', 'web'],
  })
  const draft = await call<{ base_revision: number; tasks: unknown[] }>('plan_draft', { prd })
  await call('plan_submit', { prd, base_revision: draft.base_revision, tasks: draft.tasks })
  const first = await workOn()
  const last = await workOn()
  const set = { change_set: last.change_set }
  const tested = await call('changeset_integrate', set)
  const preview = await call<{ confirm: string }>('changeset_deliver', set)
  const delivered = await call('changeset_deliver', { ...set, confirm: preview.confirm })

  const tokens = spent.reduce((sum, entry) => sum + entry.tokens, 0)
  console.log(
    `${spent.length} calls, ${tokens} tokens: ${spent.map((entry) => `${entry.tool} ${entry.tokens}`).join(', ')}`,
  )
  expect(delivered).toMatchObject({ state: 'delivered', steps: [{ repository: 'api' }, { repository: 'web' }] })
  expect(spent.length).toBeLessThanOrEqual(MAX_CALLS)
  expect(tokens).toBeLessThanOrEqual(MAX_TOKENS)
  expect(first.next).toEqual([`task_claim prd="${prd}" worktree=true`])
  expect(last.next[0]).toBe('changeset_integrate change_set="CS-1"')
  expect(tested.next).toEqual(['changeset_deliver change_set="CS-1" to="local"'])
  expect(preview.next).toEqual([`changeset_deliver change_set="CS-1" to="local" confirm="${preview.confirm}"`])
})
