import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mistake, Workspace } from './mistake.ts'

/** Keys, paths and revisions that do not fit what is there. */
export const stateMistakes: readonly Mistake[] = [
  // Keys that lead nowhere.
  { is: 'a task that is not there', tool: 'task_get', led: 'step', make: () => ({ args: { task: 'TASK-999' } }) },
  {
    is: 'claiming a task that is not there',
    tool: 'task_claim',
    led: 'step',
    make: () => ({ args: { task: 'TASK-999' } }),
  },
  { is: 'a PRD that is not there', tool: 'prd_get', led: 'step', make: () => ({ args: { prd: 'PRD-999' } }) },
  {
    is: 'drafting a PRD that is not there',
    tool: 'plan_draft',
    led: 'step',
    make: () => ({ args: { prd: 'PRD-999' } }),
  },
  { is: 'a run that is not there', tool: 'run_status', led: 'step', make: () => ({ args: { run: 'RUN-99' } }) },
  {
    is: 'controlling a run that is not there',
    tool: 'run_control',
    led: 'step',
    make: () => ({ args: { run: 'RUN-99', action: 'cancel' } }),
  },
  {
    is: 'a change set that is not there',
    tool: 'changeset_get',
    led: 'step',
    make: () => ({ args: { change_set: 'CS-99' } }),
  },
  {
    is: 'the number alone',
    tool: 'task_get',
    led: 'mended',
    make: async (w) => ({ args: { task: '12' }, mend: { task: await w.task() }, says: ['TASK-12'] }),
  },
  {
    is: 'the key of a PRD for a task',
    tool: 'task_get',
    led: 'mended',
    make: async (w) => ({ args: { task: 'PRD-1' }, mend: { task: await w.task() }, says: ['TASK-12'] }),
  },
  {
    is: 'a repository that is not there',
    tool: 'task_list',
    led: 'mended',
    make: () => ({ args: { repository: 'backend' }, mend: { repository: 'api' }, says: ['api'] }),
  },
  {
    is: 'a PRD over a repository that is not there',
    tool: 'prd_create',
    led: 'mended',
    make: () => ({
      args: { title: 'X', body: '# X\n', repositories: ['backend'] },
      mend: { repositories: ['api'] },
      says: ['api'],
    }),
  },
  {
    is: 'a dependency that is not there',
    tool: 'task_create',
    led: 'step',
    make: () => ({ args: { title: 'Later', repository: 'api', depends_on: ['TASK-999'] } }),
  },
  {
    is: 'a section of a task that is not there',
    tool: 'task_get',
    led: 'mended',
    make: async (w) => ({
      args: { task: await w.task(), section: 'criteria_list' },
      mend: { section: 'description' },
      says: ['description'],
    }),
  },
  {
    is: 'a section of a text that is not there',
    tool: 'prd_edit',
    led: 'mended',
    make: async (w) => ({
      args: {
        prd: await w.prd(),
        base_revision: 1,
        section: 'Requirement list',
        text: '## Requirements\n\n- FR-1: It shall be there.\n',
      },
      mend: { section: 'Requirements' },
      says: ['section'],
    }),
  },
  // Paths.
  {
    is: 'a path that is not there',
    tool: 'repository_register',
    led: 'mended',
    make: (w) => ({ args: { path: join(w.folder, 'nowhere') }, mend: { path: w.api } }),
  },
  {
    is: 'a folder that is no repository',
    tool: 'repository_register',
    led: 'mended',
    make: (w) => ({ args: { path: w.folder }, mend: { path: w.api }, says: ['working copy'] }),
  },
  {
    is: 'a file for a folder',
    tool: 'repository_register',
    led: 'mended',
    make: (w) => ({ args: { path: join(w.api, 'package.json') }, mend: { path: w.api }, says: ['folder'] }),
  },
  {
    is: 'a package outside the repository',
    tool: 'repository_register',
    led: 'mended',
    make: (w) => ({ args: { path: w.api, subpath: '../web' }, mend: { subpath: '.' }, says: ['inside'] }),
  },
  {
    is: 'an import of what is not there',
    tool: 'prd_import',
    led: 'mended',
    make: (w) => ({ args: { path: join(w.folder, 'specs') }, mend: { path: specs(w) }, says: ['folder'] }),
  },
  {
    is: 'a format that is not there',
    tool: 'prd_import',
    led: 'mended',
    make: (w) => ({
      args: { path: specs(w), format: 'taskmaster' },
      mend: { format: 'markdown' },
      says: ['task_master'],
    }),
  },
  {
    is: 'checks outside the repository',
    tool: 'task_validate',
    led: 'mended',
    make: async (w) => {
      const { id, token } = await w.held()
      return {
        args: { task: id, lease_token: token, worktree: w.folder },
        mend: { worktree: w.api },
        says: ['working copy'],
      }
    },
  },
  {
    is: 'checks in another repository',
    tool: 'task_validate',
    led: 'mended',
    make: async (w) => {
      const { id, token } = await w.held()
      return { args: { task: id, lease_token: token, worktree: join(w.folder, 'web') }, mend: { worktree: w.api } }
    },
  },
  // What was read is not what is there any more.
  {
    is: 'a stale revision of a task',
    tool: 'task_update',
    led: 'step',
    make: async (w) => {
      const id = await w.task()
      await w.agent.ok('task_update', { task: id, revision: 1, title: 'Other' })
      return { args: { task: id, revision: 1, priority: 10 } }
    },
  },
  {
    is: 'a change without a revision',
    tool: 'task_update',
    led: 'step',
    make: async (w) => ({ args: { task: await w.task(), priority: 10 } }),
  },
  {
    is: 'a stale revision of a PRD',
    tool: 'prd_update',
    led: 'step',
    make: async (w) => ({ args: { prd: await w.prd(), version: 7, title: 'Other' } }),
  },
  {
    is: 'a revision of a text that is not there',
    tool: 'prd_edit',
    led: 'step',
    make: async (w) => ({ args: { prd: await w.prd(), base_revision: 9, body: '# X\n' } }),
  },
  {
    is: 'reading a revision that is not there',
    tool: 'prd_get',
    led: 'mended',
    make: async (w) => ({
      args: { prd: await w.prd(), revision: 9 },
      mend: { revision: undefined },
      says: ['revision'],
    }),
  },
  {
    is: 'an edit over the edit of another',
    tool: 'prd_edit',
    led: 'mended',
    make: async (w) => {
      const prd = await w.prd()
      const edit = (title: string) => ({ prd, base_revision: 1, replacements: [{ old: '# Orders\n', new: title }] })
      await w.other.ok('prd_edit', edit('# Orders of theirs\n'))
      const replacements = [{ old: '# Orders of theirs\n', new: '# Orders of mine\n' }]
      return {
        args: edit('# Orders of mine\n'),
        mend: { base_revision: 2, replacements },
        says: ['base_revision=2', 'Orders of theirs'],
      }
    },
  },
  {
    is: 'a replacement of what is not there',
    tool: 'prd_edit',
    led: 'step',
    make: async (w) => ({
      args: { prd: await w.prd(), base_revision: 1, replacements: [{ old: 'Nothing like it', new: 'x' }] },
    }),
  },
  {
    is: 'a plan of a stale revision',
    tool: 'plan_submit',
    led: 'step',
    make: async (w) => {
      const { prd, tasks } = await w.draft()
      return { args: { prd, base_revision: 7, tasks } }
    },
  },
  {
    is: 'a deleted PRD',
    tool: 'plan_draft',
    led: 'step',
    make: async (w) => {
      const prd = await w.prd()
      await w.agent.ok('prd_update', { prd, deleted: true })
      return { args: { prd } }
    },
  },
  {
    is: 'a page that does not follow, of tasks',
    tool: 'task_list',
    led: 'step',
    make: () => ({ args: { repository: 'api', cursor: 'TASK-99' } }),
  },
  {
    is: 'a page that does not follow, of PRDs',
    tool: 'prd_list',
    led: 'step',
    make: () => ({ args: { kind: 'prd', cursor: 'expired' } }),
  },
  {
    is: 'a page that does not follow, of the feed',
    tool: 'activity_list',
    led: 'step',
    make: () => ({ args: { type: 'task.', cursor: 'expired' } }),
  },
  {
    is: 'an idempotency key for another call',
    tool: 'task_create',
    led: 'mended',
    make: async (w) => {
      const key = { repository: 'api', idempotency_key: `key-${await w.task()}` }
      await w.agent.ok('task_create', { ...key, title: 'One' })
      return {
        args: { ...key, title: 'Two' },
        mend: { idempotency_key: `${key.idempotency_key}-2` },
        says: ['new key'],
      }
    },
  },
  {
    is: 'the confirm of another import',
    tool: 'prd_import',
    led: 'mended',
    make: (w) => ({
      args: { path: specs(w), confirm: 'another' },
      mend: { confirm: undefined },
      says: ['without confirm'],
    }),
  },
]

/** A folder with one spec, to be imported. */
function specs({ folder }: Workspace): string {
  const path = join(folder, 'specs.md')
  writeFileSync(path, '# Moved in\n\n## Requirements\n\n### FR-001: Move in\n\nThe system shall move in.\n')
  return path
}
