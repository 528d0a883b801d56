import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers, doWork } from '../mcp/workspace.ts'
import type { Args, Mistake, Workspace } from './mistake.ts'

const evidence = { summary: 'Done', criteria: [{ criterion: 1, met: true, how: 'check.js' }] }

/** A change set with one task that landed. */
async function landed(w: Workspace): Promise<string> {
  const claim = await w.held({ worktree: true })
  writeFileSync(join(claim.worktree, 'index.js'), `export const ok = '${claim.id}'\n`)
  const held = { task: claim.id, lease_token: claim.token }
  await w.agent.ok('task_validate', held)
  const done = await w.agent.ok<{ change_set: string }>('task_complete', { ...held, evidence: answers(claim) })
  return done.change_set
}

const done = async (w: Workspace) => {
  const claim = await w.held()
  const { id, token } = claim
  doWork(claim)
  await w.agent.ok('task_validate', { task: id, lease_token: token })
  await w.agent.ok('task_complete', { task: id, lease_token: token, evidence })
  return id
}

const heldByOther = async (w: Workspace) => {
  const id = await w.task()
  await w.other.ok('task_claim', { task: id })
  return id
}

/** A plan with one thing wrong, mended by the draft. */
function planWith(is: string, says: string, wrong: (tasks: readonly Args[]) => readonly Args[]): Mistake {
  return {
    is,
    tool: 'plan_submit',
    led: 'mended',
    make: async (w) => {
      const { prd, base_revision, tasks } = await w.draft()
      return { args: { prd, base_revision, tasks: wrong(tasks) }, mend: { tasks }, says: [says] }
    },
  }
}

const first = (change: Args) => (tasks: readonly Args[]) =>
  tasks.map((task, index) => (index === 0 ? { ...task, ...change } : task))

/** Leases that are over, steps out of turn, plans that do not hold. */
export const turnMistakes: readonly Mistake[] = [
  // Leases.
  {
    is: 'a wrong token of the holder',
    tool: 'task_validate',
    led: 'step',
    make: async (w) => ({ args: { task: (await w.held()).id, lease_token: 'lost' } }),
  },
  {
    is: 'a token of a task that was released',
    tool: 'task_validate',
    led: 'step',
    make: async (w) => {
      const { id, token } = await w.held()
      await w.agent.ok('task_update', { task: id, lease_token: token, status: 'todo' })
      return { args: { task: id, lease_token: token } }
    },
  },
  {
    is: 'a token that another has taken over',
    tool: 'task_complete',
    led: 'step',
    make: async (w) => {
      const { id, token } = await w.held()
      await w.agent.ok('task_update', { task: id, lease_token: token, status: 'todo' })
      await w.other.ok('task_claim', { task: id })
      return { args: { task: id, lease_token: token, evidence } }
    },
  },
  {
    is: 'claiming what another holds',
    tool: 'task_claim',
    led: 'step',
    make: async (w) => ({ args: { task: await heldByOther(w) } }),
  },
  {
    is: 'releasing what another holds',
    tool: 'task_update',
    led: 'step',
    make: async (w) => ({ args: { task: await heldByOther(w), revision: 2, status: 'todo' } }),
  },
  {
    is: 'claiming what is done',
    tool: 'task_claim',
    led: 'step',
    make: async (w) => ({ args: { task: await done(w) } }),
  },
  {
    is: 'claiming what is blocked',
    tool: 'task_claim',
    led: 'step',
    make: async (w) => {
      const id = await w.task()
      await w.agent.ok('task_update', { task: id, revision: 1, status: 'blocked', reason: 'A question' })
      return { args: { task: id } }
    },
  },
  {
    is: 'claiming what waits',
    tool: 'task_claim',
    led: 'step',
    make: async (w) => {
      const before = await w.task()
      const { id } = await w.agent.ok<{ id: string }>('task_create', {
        title: `After ${before}`,
        repository: 'api',
        depends_on: [before],
      })
      return { args: { task: id } }
    },
  },
  // Steps out of turn.
  {
    is: 'completing without checks',
    tool: 'task_complete',
    led: 'step',
    make: async (w) => {
      const { id, token } = await w.held()
      return { args: { task: id, lease_token: token, evidence } }
    },
  },
  {
    is: 'completing with a criterion left out',
    tool: 'task_complete',
    led: 'step',
    make: async (w) => {
      const claim = await w.held()
      const task = { task: claim.id, lease_token: claim.token }
      doWork(claim)
      await w.agent.ok('task_validate', task)
      return { args: { ...task, evidence: { summary: 'Done', criteria: [] } }, given: { evidence } }
    },
  },
  {
    is: 'completing what is done',
    tool: 'task_complete',
    led: 'step',
    make: async (w) => ({ args: { task: await done(w), lease_token: '1.gone', evidence } }),
  },
  {
    is: 'done by an update',
    tool: 'task_update',
    led: 'step',
    make: async (w) => {
      const { id, token } = await w.held()
      return { args: { task: id, lease_token: token, status: 'done' } }
    },
  },
  {
    is: 'done by an update, of a task to do',
    tool: 'task_update',
    led: 'step',
    make: async (w) => ({ args: { task: await w.task(), revision: 1, status: 'done' } }),
  },
  {
    is: 'in progress by an update',
    tool: 'task_update',
    led: 'step',
    make: async (w) => ({ args: { task: await w.task(), revision: 1, status: 'in_progress' } }),
  },
  {
    is: 'blocking what is done',
    tool: 'task_update',
    led: 'mended',
    make: async (w) => {
      const id = await done(w)
      const { revision } = await w.agent.ok<{ revision: number }>('task_get', { task: id })
      return {
        args: { task: id, revision, status: 'blocked', reason: 'Wrong' },
        mend: { status: 'todo' },
        says: ['it can become todo'],
      }
    },
  },
  {
    is: 'a state a PRD cannot take',
    tool: 'prd_update',
    led: 'mended',
    make: async (w) => ({
      args: { prd: await w.prd(), state: 'completed' },
      mend: { state: 'archived' },
      says: ['archived'],
    }),
  },
  {
    is: 'waiting in a circle',
    tool: 'task_update',
    led: 'step',
    make: async (w) => {
      const before = await w.task()
      const { id } = await w.agent.ok<{ id: string }>('task_create', {
        title: `After ${before}`,
        repository: 'api',
        depends_on: [before],
      })
      return { args: { task: before, revision: 1, depends_on: [id] } }
    },
  },
  {
    is: 'accepting a finding that is not there',
    tool: 'prd_check',
    led: 'step',
    make: async (w) => ({ args: { prd: await w.prd(), accept: 'abc', reason: 'It is meant' } }),
  },
  {
    is: 'a run of what is done',
    tool: 'run_start',
    led: 'step',
    make: async (w) => ({ args: { tasks: [await done(w)], agent: 'command', command: ['true'] } }),
  },
  {
    is: 'a checkpoint that is not there',
    tool: 'task_rollback',
    led: 'mended',
    make: async (w) => {
      const { id, token } = await w.held({ worktree: true })
      return {
        args: { task: id, lease_token: token, checkpoint: 'CHECK-999' },
        mend: { checkpoint: 'start' },
        says: ['start'],
      }
    },
  },
  // Delivery.
  {
    is: 'delivering without confirm',
    tool: 'changeset_deliver',
    led: 'step',
    make: async (w) => ({ args: { change_set: await landed(w) } }),
  },
  {
    is: 'the confirm of another preview',
    tool: 'changeset_deliver',
    led: 'step',
    make: async (w) => ({ args: { change_set: await landed(w), confirm: 'another' } }),
  },
  {
    is: 'delivering again',
    tool: 'changeset_deliver',
    led: 'step',
    make: async (w) => {
      const change_set = await landed(w)
      const { confirm } = await w.agent.ok<{ confirm: string }>('changeset_deliver', { change_set })
      await w.agent.ok('changeset_deliver', { change_set, confirm })
      return { args: { change_set } }
    },
  },
  // Plans.
  planWith('a plan over a repository that is not there', 'api', first({ repository: 'backend' })),
  planWith('a plan for a requirement that is not there', 'FR-001', first({ requirements: ['FR-999'] })),
  planWith('a plan that leaves a requirement out', 'FR-002', (tasks) => tasks.filter((_, index) => index === 0)),
  planWith('a plan that waits for what is not there', 'T9', first({ depends_on: ['T9'] })),
  planWith('a task that waits for itself', 'Drop that edge', (tasks) =>
    tasks.map((task) => ({ ...task, depends_on: [task['ref']] })),
  ),
  planWith('a plan in a circle', 'Drop one edge', (tasks) =>
    tasks.map((task, index) => ({ ...task, depends_on: [tasks[(index + 1) % tasks.length]?.['ref']] })),
  ),
  planWith('one name for two tasks', 'Give each task its own', (tasks) =>
    tasks.map((task) => ({ ...task, ref: 'T1', depends_on: [] })),
  ),
  planWith('a task without criteria', 'Say how one sees that it is done', first({ acceptance_criteria: [] })),
  planWith('a criterion nobody can test', 'Name a value', first({ acceptance_criteria: ['It works well'] })),
]
