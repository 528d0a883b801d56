import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers, BODY, type Claimed, git, makeRepository, planned } from '../mcp/workspace.ts'
import { agentNamed, type Caller, openInProcess } from './in-process.ts'

/** What whoever stands in a world has at hand to fill in a step's blanks. */
export type Given = Readonly<Record<string, unknown>>

/** States that a workspace goes through, each kept as a copy of its folder, so that a call can be tried in it again and again. */
export interface Worlds {
  readonly names: readonly string[]
  /** Where every world stands when it is visited: paths in a database are absolute. */
  readonly place: string
  given(name: string): Given
  /** In a world that is as it was, to change it. */
  visit<T>(name: string, work: (me: Caller) => Promise<T>): Promise<T>
  /** The same, to read only: who looks again at the same world finds it open. */
  look<T>(name: string, work: (me: Caller) => Promise<T>): Promise<T>
  close(): Promise<void>
}

type Build = (me: Caller, place: string, other: Caller) => Promise<Given | undefined>

interface Made {
  readonly name: string
  readonly after: string | undefined
  readonly build: Build
}

const claimed = async (me: Caller, task: string) => {
  const claim = await me.ok<Claimed & { worktree: string }>('task_claim', { task, worktree: true })
  return { claim, given: { lease_token: claim.lease.token, evidence: answers(claim), worktree: claim.worktree } }
}

const proven = async (me: Caller, task: string) => {
  const { claim, given } = await claimed(me, task)
  writeFileSync(join(claim.worktree, 'index.js'), `export const ok = '${task}'\n`)
  await me.ok('task_validate', { task, lease_token: claim.lease.token })
  return given
}

const completed = async (me: Caller, task: string) => {
  const { lease_token, evidence } = await proven(me, task)
  await me.ok('task_complete', { task, lease_token, evidence })
}

const ended = async (me: Caller, status: string) => {
  const { given } = await claimed(me, 'TASK-1')
  const { lease_token } = given
  await me.ok('task_update', { task: 'TASK-1', lease_token, status, reason: 'The key of the bank is missing' })
  return undefined
}

const RENAMED = [{ old: '# Orders\n', new: '# The orders\n' }]
const RUN = { prd: 'PRD-1', agent: 'command', command: ['true'] }

const WORLDS: readonly Made[] = [
  {
    name: 'empty',
    after: undefined,
    async build(_, place) {
      makeRepository(place, 'api')
      makeRepository(place, 'web', { dependencies: { api: '1.0.0' } })
      makeRepository(place, 'lib')
      mkdirSync(join(place, 'specs'))
      writeFileSync(join(place, 'specs', 'returns.md'), BODY.replace('# Orders', '# Returns'))
      return { path: join(place, 'lib') }
    },
  },
  {
    name: 'registered',
    after: 'empty',
    async build(me, place) {
      for (const name of ['api', 'web']) await me.ok('repository_register', { path: join(place, name) })
      return undefined
    },
  },
  {
    name: 'bare',
    after: 'registered',
    async build(me) {
      await me.ok('prd_create', { title: 'Ideas', body: '# Ideas\n\nSomebody has one.\n', repositories: ['api'] })
      return { prd: 'PRD-1', replacements: [{ old: 'Somebody', new: 'A shop' }] }
    },
  },
  {
    name: 'fresh',
    after: 'registered',
    async build(me) {
      await me.ok('prd_create', { title: 'Orders', body: BODY, repositories: ['api', 'web'] })
      const { tasks } = await me.ok<{ tasks: unknown[] }>('plan_draft', { prd: 'PRD-1' })
      return { prd: 'PRD-1', tasks, replacements: RENAMED }
    },
  },
  {
    name: 'planned',
    after: 'empty',
    async build(me, place) {
      for (const name of ['api', 'web']) rmSync(join(place, name), { recursive: true })
      await planned(me, place)
      await me.ok('knowledge_add', { text: 'Amounts are cents', category: 'api' })
      return { prd: 'PRD-1', task: 'TASK-1', replacements: RENAMED }
    },
  },
  {
    name: 'held',
    after: 'planned',
    build: async (me) => (await claimed(me, 'TASK-1')).given,
  },
  {
    name: 'red',
    after: 'planned',
    async build(me) {
      const { claim, given } = await claimed(me, 'TASK-1')
      writeFileSync(join(claim.worktree, 'index.js'), 'export const ok = false\n')
      return given
    },
  },
  { name: 'proven', after: 'planned', build: async (me) => await proven(me, 'TASK-1') },
  {
    name: 'alone',
    after: 'registered',
    async build(me) {
      await me.ok('task_create', { title: 'Tidy up', repository: 'api', acceptance_criteria: ['It is tidy'] })
      return { task: 'TASK-1', ...(await proven(me, 'TASK-1')) }
    },
  },
  {
    name: 'taken',
    after: 'planned',
    async build(_, __, other) {
      await other.ok('task_claim', { task: 'TASK-1' })
      return undefined
    },
  },
  { name: 'blocked', after: 'planned', build: async (me) => await ended(me, 'blocked') },
  { name: 'failed', after: 'planned', build: async (me) => await ended(me, 'failed') },
  {
    name: 'archived',
    after: 'planned',
    async build(me) {
      await me.ok('prd_update', { prd: 'PRD-1', state: 'archived' })
      return undefined
    },
  },
  {
    name: 'deleted',
    after: 'planned',
    async build(me) {
      await me.ok('prd_update', { prd: 'PRD-1', deleted: true })
      return undefined
    },
  },
  {
    name: 'stale',
    after: 'planned',
    async build(me) {
      const replacements = [{ old: 'shall store an order', new: 'shall store an order with its lines' }]
      await me.ok('prd_edit', { prd: 'PRD-1', base_revision: 1, replacements })
      const { tasks } = await me.ok<{ tasks: unknown[] }>('plan_draft', { prd: 'PRD-1' })
      return { tasks }
    },
  },
  {
    name: 'queued',
    after: 'planned',
    async build(me) {
      await me.ok('run_start', RUN)
      return undefined
    },
  },
  {
    name: 'paused',
    after: 'queued',
    async build(me) {
      await me.ok('run_control', { run: 'RUN-1', action: 'pause' })
      return undefined
    },
  },
  {
    name: 'cancelled',
    after: 'queued',
    async build(me) {
      await me.ok('run_control', { run: 'RUN-1', action: 'cancel' })
      return undefined
    },
  },
  {
    name: 'half',
    after: 'planned',
    async build(me) {
      await completed(me, 'TASK-1')
      return { task: 'TASK-2' }
    },
  },
  { name: 'last', after: 'half', build: async (me) => await proven(me, 'TASK-2') },
  {
    name: 'done',
    after: 'half',
    async build(me) {
      await completed(me, 'TASK-2')
      return undefined
    },
  },
  {
    name: 'moved',
    after: 'done',
    async build(_, place) {
      writeFileSync(join(place, 'api', 'check.js'), 'process.exit(1)\n')
      git(join(place, 'api'), 'commit', '--quiet', '--all', '--message', 'Broken')
      return undefined
    },
  },
  {
    name: 'tested',
    after: 'done',
    async build(me) {
      await me.ok('changeset_integrate', { change_set: 'CS-1' })
      return undefined
    },
  },
  {
    name: 'delivered',
    after: 'tested',
    async build(me) {
      const { confirm } = await me.ok<{ confirm: string }>('changeset_deliver', { change_set: 'CS-1' })
      await me.ok('changeset_deliver', { change_set: 'CS-1', confirm })
      return undefined
    },
  },
]

/** Builds all of them, each on the copy of the one before. */
export async function buildWorlds(folder: string): Promise<Worlds> {
  const place = join(folder, 'world')
  const givens = new Map<string, Given>()
  const copyOf = (name: string) => join(folder, 'copies', name)
  const copy = (from: string, to: string) => {
    rmSync(to, { recursive: true, force: true })
    cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
  }
  const openPlace = () => {
    const workspace = openInProcess(join(place, 'speki.db'), place)
    return { me: workspace.as(agentNamed('walker')), other: workspace.as(agentNamed('other')), close: workspace.close }
  }
  type Opened = ReturnType<typeof openPlace>
  const inPlace = async <T>(work: (opened: Opened) => Promise<T>): Promise<T> => {
    const opened = openPlace()
    try {
      return await work(opened)
    } finally {
      await opened.close()
    }
  }
  for (const { name, after, build } of WORLDS) {
    if (after === undefined) mkdirSync(place)
    else copy(copyOf(after), place)
    const given = await inPlace(async ({ me, other }) => await build(me, place, other))
    givens.set(name, { ...(after === undefined ? {} : givens.get(after)), ...given })
    copy(place, copyOf(name))
  }
  let looking: { readonly name: string; readonly opened: Opened } | undefined
  const close = async () => {
    await looking?.opened.close()
    looking = undefined
  }
  return {
    names: WORLDS.map(({ name }) => name),
    place,
    given: (name) => givens.get(name) ?? {},
    async visit(name, work) {
      await close()
      copy(copyOf(name), place)
      return await inPlace(async ({ me }) => await work(me))
    },
    async look(name, work) {
      if (looking?.name !== name) {
        await close()
        copy(copyOf(name), place)
        looking = { name, opened: openPlace() }
      }
      return await work(looking.opened.me)
    },
    close,
  }
}
