import { doWork } from '../mcp/workspace.ts'
import type { Mistake } from './mistake.ts'

const CRITERION = { criterion: 1, met: true, how: 'check.js' }

/** Names, types and shapes of arguments: what a model gets wrong that goes by its memory of other tools. */
export const argumentMistakes: readonly Mistake[] = [
  // A tool that is not there.
  {
    is: 'read for get',
    tool: 'prd_read',
    led: 'step',
    make: async (w) => ({ args: {}, given: { prd: await w.prd() } }),
  },
  { is: 'a slip in the name of a tool', tool: 'speki_stats', led: 'step', make: () => ({ args: {} }) },
  // Another name for a key.
  {
    is: 'task_id for task',
    tool: 'task_get',
    led: 'at once',
    make: async (w) => ({ args: { task_id: await w.task() } }),
  },
  { is: 'id for task', tool: 'task_get', led: 'at once', make: async (w) => ({ args: { id: await w.task() } }) },
  {
    is: 'taskId for task',
    tool: 'task_claim',
    led: 'at once',
    make: async (w) => ({ args: { taskId: await w.task() } }),
  },
  { is: 'id for prd', tool: 'plan_draft', led: 'at once', make: async (w) => ({ args: { id: await w.prd() } }) },
  { is: 'prd_id for prd', tool: 'prd_get', led: 'at once', make: async (w) => ({ args: { prd_id: await w.prd() } }) },
  { is: 'repo for repository', tool: 'task_list', led: 'at once', make: () => ({ args: { repo: 'api' } }) },
  {
    is: 'a key in small letters',
    tool: 'task_get',
    led: 'at once',
    make: async (w) => ({ args: { task: (await w.task()).toLowerCase() } }),
  },
  {
    is: 'two names of one key that contradict',
    tool: 'task_get',
    led: 'mended',
    make: async (w) => ({
      args: { task: await w.task(), task_id: await w.task() },
      mend: { task_id: undefined },
      says: ['task', 'twice'],
    }),
  },
  // A name that is not there.
  { is: 'a slip of the pen', tool: 'task_list', led: 'mended', make: () => ({ args: { repositry: 'api' } }) },
  {
    is: 'state for status',
    tool: 'task_list',
    led: 'mended',
    make: () => ({ args: { state: 'todo' }, mend: { status: 'todo', stale: undefined }, says: ['status'] }),
  },
  {
    is: 'name and content for title and body',
    tool: 'prd_create',
    led: 'mended',
    make: () => ({
      args: { name: 'Orders', content: '# Orders\n' },
      mend: { title: 'Orders', body: '# Orders\n', parent: undefined },
      says: ['title', 'body'],
    }),
  },
  {
    is: 'folder for path',
    tool: 'repository_register',
    led: 'mended',
    make: (w) => ({ args: { folder: w.api }, mend: { path: w.api } }),
  },
  {
    is: 'revision for base_revision',
    tool: 'plan_submit',
    led: 'mended',
    make: async (w) => {
      const { prd, base_revision, tasks } = await w.draft()
      return { args: { prd, revision: base_revision, tasks } }
    },
  },
  {
    is: 'token for lease_token',
    tool: 'task_validate',
    led: 'mended',
    make: async (w) => {
      const { id, token } = await w.held()
      return { args: { task: id, token } }
    },
  },
  {
    is: 'the summary beside the evidence',
    tool: 'task_complete',
    led: 'mended',
    make: async (w) => {
      const claim = await w.held()
      const { id, token } = claim
      doWork(claim)
      await w.agent.ok('task_validate', { task: id, lease_token: token })
      return { args: { task: id, lease_token: token, summary: 'Done', evidence: { criteria: [CRITERION] } } }
    },
  },
  // A name that is not there, inside.
  ...(
    [
      ['dependencies for depends_on of a planned task', 'dependencies', 'depends_on', []],
      ['acceptanceCriteria for acceptance_criteria', 'acceptanceCriteria', 'acceptance_criteria', ['It answers 201']],
      ['repo of a planned task', 'repo', 'repository', 'api'],
    ] as const
  ).map(
    ([is, wrong, right, value]): Mistake => ({
      is,
      tool: 'plan_submit',
      led: 'mended',
      make: async (w) => {
        const { prd, base_revision, tasks } = await w.draft()
        const [first = {}, ...rest] = tasks
        const { [right]: _, ...others } = first
        const mend = { tasks: [{ ...first, [right]: value }, ...rest] }
        return {
          args: { prd, base_revision, tasks: [{ ...others, [wrong]: value }, ...rest] },
          mend,
          says: [`"${right}"`],
        }
      },
    }),
  ),
  ...(
    [
      [
        'a criterion by its text',
        { criterion: 'The check is green', met: true, how: 'check.js' },
        'evidence.criteria.0.criterion',
      ],
      ['a criterion under another name', { id: 1, met: true, how: 'check.js' }, 'criterion, met, how'],
      ['a criterion answered in words', { criterion: 1, met: 'fully', how: 'check.js' }, 'evidence.criteria.0.met'],
      ['a criterion without what shows it', { criterion: 1, met: true }, 'evidence.criteria.0.how'],
    ] as const
  ).map(
    ([is, answer, says]): Mistake => ({
      is,
      tool: 'task_complete',
      led: 'mended',
      make: async (w) => {
        const claim = await w.held()
        const { id, token } = claim
        doWork(claim)
        await w.agent.ok('task_validate', { task: id, lease_token: token })
        const args = { task: id, lease_token: token, evidence: { summary: 'Done', criteria: [answer] } }
        return { args, mend: { evidence: { summary: 'Done', criteria: [CRITERION] } }, says: [says] }
      },
    }),
  ),
  {
    is: 'from and to of a replacement',
    tool: 'prd_edit',
    led: 'mended',
    make: async (w) => {
      const edit = (replacements: unknown) => ({ replacements: [replacements] })
      const args = { prd: await w.prd(), base_revision: 1, ...edit({ from: '# Orders', to: '# Order' }) }
      return { args, mend: edit({ old: '# Orders', new: '# Order' }), says: ['old, new'] }
    },
  },
  {
    is: 'criteria as objects',
    tool: 'task_create',
    led: 'mended',
    make: () => ({
      args: { title: 'Objects', repository: 'api', acceptance_criteria: [{ text: 'It is green' }] },
      mend: { acceptance_criteria: ['It is green'] },
      says: ['expected string'],
    }),
  },
  // Another type, which is taken for what it is.
  { is: 'a number as text', tool: 'task_list', led: 'at once', make: () => ({ args: { limit: '5' } }) },
  { is: 'a boolean as text', tool: 'task_list', led: 'at once', make: () => ({ args: { ready: 'true' } }) },
  {
    is: 'one value for a list',
    tool: 'prd_get',
    led: 'at once',
    make: async (w) => ({ args: { prd: await w.prd(), include: 'requirements' } }),
  },
  {
    is: 'a list as JSON text',
    tool: 'task_update',
    led: 'at once',
    make: async (w) => ({ args: { tasks: JSON.stringify([await w.task()]), note: 'Seen' } }),
  },
  {
    is: 'a criterion instead of a list of them',
    tool: 'task_create',
    led: 'at once',
    make: () => ({ args: { title: 'One criterion', repository: 'api', acceptance_criteria: 'It is green' } }),
  },
  {
    is: 'a plan as JSON text',
    tool: 'plan_submit',
    led: 'at once',
    make: async (w) => {
      const { prd, base_revision, tasks } = await w.draft()
      return { args: { prd, base_revision: String(base_revision), tasks: JSON.stringify(tasks) } }
    },
  },
  {
    is: 'evidence as JSON text',
    tool: 'task_complete',
    led: 'at once',
    make: async (w) => {
      const claim = await w.held()
      const { id, token } = claim
      doWork(claim)
      await w.agent.ok('task_validate', { task: id, lease_token: token })
      const evidence = JSON.stringify({ summary: 'Done', criteria: [{ ...CRITERION, criterion: '1', met: 'true' }] })
      return { args: { task: id, lease_token: token, evidence } }
    },
  },
  // Another type or value, which nobody can know.
  {
    is: 'yes for true',
    tool: 'task_claim',
    led: 'mended',
    make: async (w) => ({ args: { task: await w.task(), worktree: 'yes' }, mend: { worktree: true } }),
  },
  {
    is: 'a word for a number',
    tool: 'task_list',
    led: 'mended',
    make: () => ({ args: { limit: 'all' }, mend: { limit: 100 } }),
  },
  {
    is: 'a number beyond the largest',
    tool: 'task_list',
    led: 'mended',
    make: () => ({ args: { limit: 1000 }, mend: { limit: 100 }, says: ['100'] }),
  },
  {
    is: 'a category that is not there',
    tool: 'knowledge_add',
    led: 'mended',
    make: () => ({ args: { text: 'A lesson', category: 'misc' }, mend: { category: 'gotchas' }, says: ['gotchas'] }),
  },
  {
    is: 'a kind that is not there',
    tool: 'prd_create',
    led: 'mended',
    make: () => ({
      args: { title: 'Orders', body: '# Orders\n', kind: 'rfc' },
      mend: { kind: 'tech_spec' },
      says: ['tech_spec'],
    }),
  },
  {
    is: 'a complexity that is not there',
    tool: 'task_create',
    led: 'mended',
    make: () => ({
      args: { title: 'Hard', repository: 'api', complexity: 'hard' },
      mend: { complexity: 'high' },
      says: ['high'],
    }),
  },
  {
    is: 'a status that is not there',
    tool: 'task_list',
    led: 'mended',
    make: () => ({ args: { status: 'open' }, mend: { status: 'todo' }, says: ['todo'] }),
  },
  {
    is: 'an agent that is not there',
    tool: 'run_start',
    led: 'mended',
    make: async (w) => ({
      args: { tasks: [await w.task()], agent: 'gemini', dry_run: true },
      mend: { agent: 'command', command: ['true'] },
      says: ['"command"'],
    }),
  },
  {
    is: 'a NUL character in a text',
    tool: 'knowledge_add',
    led: 'mended',
    make: () => ({ args: { text: 'A\u0000lesson', category: 'api' }, mend: { text: 'A lesson' } }),
  },
  // What is missing.
  { is: 'no task', tool: 'task_get', led: 'mended', make: async (w) => ({ args: {}, mend: { task: await w.task() } }) },
  {
    is: 'no body and no template',
    tool: 'prd_create',
    led: 'mended',
    make: () => ({ args: { title: 'Orders' }, mend: { body: '# Orders\n' } }),
  },
  { is: 'no path', tool: 'repository_register', led: 'mended', make: (w) => ({ args: {}, mend: { path: w.api } }) },
  {
    is: 'no task to change',
    tool: 'task_update',
    led: 'mended',
    make: async (w) => ({ args: { note: 'Seen' }, mend: { task: await w.task() } }),
  },
  {
    is: 'nothing to change',
    tool: 'task_update',
    led: 'mended',
    make: async (w) => ({ args: { task: await w.task(), revision: 1 }, mend: { note: 'Seen' } }),
  },
  {
    is: 'no text of an edit',
    tool: 'prd_edit',
    led: 'mended',
    make: async (w) => ({ args: { prd: await w.prd(), base_revision: 1 }, mend: { body: '# Orders\n' } }),
  },
  {
    is: 'a suggestion for no task',
    tool: 'knowledge_add',
    led: 'mended',
    make: async (w) => ({
      args: { text: 'Try it', category: 'api', kind: 'suggestion' },
      mend: { task: await w.task() },
    }),
  },
  {
    is: 'a plan without its revision',
    tool: 'plan_submit',
    led: 'mended',
    make: async (w) => {
      const { prd, base_revision, tasks } = await w.draft()
      return { args: { prd, tasks }, mend: { base_revision } }
    },
  },
  {
    is: 'no lease token',
    tool: 'task_validate',
    led: 'mended',
    make: async (w) => {
      const { id, token } = await w.held()
      return { args: { task: id }, mend: { lease_token: token } }
    },
  },
]
