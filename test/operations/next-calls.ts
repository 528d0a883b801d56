import { BODY } from '../mcp/workspace.ts'
import type { Caller } from './in-process.ts'

export type Args = Record<string, unknown>
/** Arguments of a call, or how they come about in the world. */
export type Asked = Args | ((me: Caller) => Promise<Args>)

const PRD = { prd: 'PRD-1' }
const ONE = { task: 'TASK-1' }
const TWO = { task: 'TASK-2' }
const RUN = { run: 'RUN-1' }
const SET = { change_set: 'CS-1' }
const AGENT = { ...PRD, agent: 'command', command: ['true'] }
const edit = (from: string, to: string, base = 1): Args => ({
  ...{ ...PRD, base_revision: base },
  replacements: [{ old: from, new: to }],
})
const CHANGES = edit('answer 201.\n\nAcc', 'answer 201 or 409.\n\nAcc')
const REWORDS = edit('# Orders\n', '# Orders\n\nShops sell.\n')
const TASK = { title: 'Tidy up', repository: 'api' }
const CREATE = { title: 'Returns', body: BODY, repositories: [] }

/** Each operation in three states at least. */
export const CALLS: Readonly<Record<string, readonly (readonly [world: string, asked: Asked])[]>> = {
  speki_status: [
    ...['empty', 'registered', 'bare', 'fresh', 'planned', 'held', 'taken', 'blocked', 'half', 'done', 'tested'],
    ...['delivered', 'archived', 'stale'],
  ].map((world) => [world, {}] as const),
  activity_list: [
    ['empty', {}],
    ['planned', {}],
    ['held', { subject: 'TASK-1' }],
    ['queued', {}],
    ['delivered', {}],
    ['done', { type: 'repository.' }],
  ],
  repository_list: [
    ['empty', {}],
    ['registered', {}],
    ['planned', {}],
    ['planned', { query: 'zzz' }],
    ['empty', { query: 'zzz' }],
  ],
  repository_register: [
    ['empty', { path: 'api' }],
    ['registered', { path: 'lib' }],
    ['planned', { path: 'lib' }],
    ['done', { path: 'lib' }],
  ],
  prd_create: [
    ['empty', CREATE],
    ['registered', { ...CREATE, repositories: ['api', 'web'] }],
    ['registered', { title: 'Returns', template: true }],
    ['done', { ...CREATE, body: '# Returns\n' }],
  ],
  prd_list: [
    ['empty', {}],
    ['registered', {}],
    ['fresh', {}],
    ['planned', { query: 'zzz' }],
    ['empty', { query: 'zzz' }],
    ['deleted', { deleted: true }],
  ],
  prd_get: [
    ['bare', PRD],
    ['fresh', PRD],
    ['planned', PRD],
    ['taken', PRD],
    ['stale', PRD],
    ['archived', PRD],
    ['done', PRD],
    ['delivered', PRD],
  ],
  prd_edit: [
    ['fresh', CHANGES],
    ['fresh', edit('# Orders', '# Orders')],
    ['planned', CHANGES],
    ['planned', REWORDS],
    ['planned', edit('# Orders', '# Orders')],
    ['bare', edit('Somebody', 'Nobody')],
  ],
  prd_update: [
    ['bare', { ...PRD, title: 'Returns' }],
    ['fresh', { ...PRD, title: 'Returns' }],
    ['planned', { ...PRD, title: 'Returns' }],
    ['planned', { ...PRD, state: 'archived' }],
    ['planned', { ...PRD, deleted: true }],
    ['archived', { ...PRD, state: 'draft' }],
  ],
  prd_check: [
    ['bare', PRD],
    ['fresh', PRD],
    ['fresh', { ...PRD, lenses: ['scope'] }],
    ['planned', PRD],
    ['stale', PRD],
    ['done', PRD],
  ],
  prd_export: [
    ['empty', { path: 'out' }],
    ['registered', { path: 'out' }],
    ['fresh', { path: 'out' }],
    ['planned', { path: 'out' }],
    ['done', { path: 'out.json', format: 'json' }],
  ],
  prd_import: [
    ['empty', { path: 'specs' }],
    ['registered', confirmed('prd_import', { path: 'specs' })],
    ['planned', { path: 'specs' }],
    ['planned', again('prd_import', { path: 'specs' })],
  ],
  plan_draft: [
    ['bare', PRD],
    ['fresh', PRD],
    ['fresh', { ...PRD, for: 'tech_spec' }],
    ['planned', PRD],
    ['taken', PRD],
    ['stale', PRD],
    ['done', PRD],
  ],
  plan_submit: [
    ['fresh', submits({ dry_run: true })],
    ['fresh', submits({})],
    ['stale', submits({})],
    ['taken', submits({})],
  ],
  task_create: [
    ['registered', TASK],
    ['planned', { ...TASK, depends_on: ['TASK-2'] }],
    ['held', { ...TASK, follow_up_of: 'TASK-1' }],
    ['taken', { ...TASK, depends_on: ['TASK-1'] }],
  ],
  task_get: [
    ['planned', ONE],
    ['planned', TWO],
    ['held', ONE],
    ['taken', ONE],
    ['blocked', ONE],
    ['failed', ONE],
    ['archived', ONE],
    ['deleted', ONE],
    ['half', ONE],
    ['done', ONE],
    ['delivered', ONE],
  ],
  task_list: [
    ['empty', {}],
    ['planned', {}],
    ['held', {}],
    ['taken', {}],
    ['blocked', {}],
    ['archived', {}],
    ['done', {}],
    ['delivered', {}],
    ['planned', { query: 'zzz' }],
  ],
  task_claim: [
    ['empty', {}],
    ['bare', PRD],
    ['planned', {}],
    ['planned', { worktree: true }],
    ['taken', {}],
    ['blocked', {}],
    ['held', {}],
    ['done', {}],
    ['archived', {}],
    ['delivered', {}],
  ],
  task_update: [
    ['planned', { ...ONE, note: 'Look here' }],
    ['held', { ...ONE, note: 'Look here' }],
    ['held', held({ status: 'todo' })],
    ['held', held({ status: 'blocked', reason: 'A key is missing' })],
    ['blocked', reopens],
    ['planned', async (me) => ({ ...(await reopens(me)), status: 'cancelled', reason: 'Not needed' })],
    ['taken', { ...ONE, note: 'Look here' }],
  ],
  task_validate: [
    ['held', held({})],
    ['held', held({ only: ['test'] })],
    ['red', held({})],
  ],
  task_complete: [
    ['proven', held({ evidence: true })],
    ['last', held({ evidence: true })],
    ['alone', held({ evidence: true })],
  ],
  task_rollback: [
    ['held', held({})],
    ['proven', held({})],
    ['red', held({})],
  ],
  knowledge_add: [
    ...['empty', 'planned', 'held', 'done'].map((world) => [world, { text: 'A lesson', category: 'api' }] as const),
  ],
  knowledge_search: [
    ['empty', {}],
    ['planned', {}],
    ['held', {}],
    ['taken', { query: 'zzz' }],
    ['done', {}],
  ],
  run_start: [
    ['planned', { ...AGENT, dry_run: true }],
    ['planned', AGENT],
    ['planned', { ...PRD, agent: 'command', command: ['no-such-program'], dry_run: true }],
  ],
  run_status: [
    ['empty', {}],
    ['fresh', {}],
    ['planned', {}],
    ['queued', {}],
    ['queued', RUN],
    ['paused', RUN],
    ['cancelled', RUN],
  ],
  run_control: [
    ['queued', { ...RUN, action: 'pause' }],
    ['paused', { ...RUN, action: 'resume' }],
    ['queued', { ...RUN, action: 'cancel' }],
    ['cancelled', { ...RUN, action: 'retry' }],
  ],
  changeset_get: [
    ['empty', {}],
    ['planned', {}],
    ['queued', {}],
    ['queued', SET],
    ['half', SET],
    ['done', {}],
    ['done', SET],
    ['tested', SET],
    ['delivered', SET],
    ['delivered', {}],
  ],
  changeset_integrate: [
    ['half', SET],
    ['done', SET],
    ['moved', SET],
  ],
  changeset_deliver: [
    ['done', SET],
    ['moved', SET],
    ['tested', SET],
    ['tested', confirmed('changeset_deliver', SET)],
  ],
}

/** The same call with the token of its preview. */
function confirmed(tool: string, args: Args): Asked {
  return async (me) => ({ ...args, confirm: (await me.ok(tool, args))['confirm'] })
}

/** Once it was done. */
function again(tool: string, args: Args): Asked {
  return async (me) => {
    await me.ok(tool, { ...args, confirm: (await me.ok(tool, args))['confirm'] })
    return args
  }
}

function submits(more: Args): Asked {
  return async (me) => {
    const { base_revision, tasks } = await me.ok('plan_draft', PRD)
    return { ...PRD, base_revision, tasks, ...more }
  }
}

/** Of the task that the world holds; `true` stands for what the world gives. */
function held(more: Args) {
  return async (_me: Caller): Promise<Args> => ({ task: true, lease_token: true, ...more })
}

/** At the revision that it is at. */
async function reopens(me: Caller): Promise<Args> {
  return { ...ONE, revision: (await me.ok('task_get', ONE))['revision'], status: 'todo' }
}
