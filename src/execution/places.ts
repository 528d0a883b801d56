import { randomUUID } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { taskKey } from '../../schemas/key.ts'
import type { PlaceAttempt } from '../domain/run/work.ts'
import type { CheckpointStore } from '../git/worktree/checkpoint.ts'
import type { AttemptRecord } from '../store/run/attempts.ts'

/** Names that recovery finds again: they follow from keys; those of scratch folders tell whose they are. */

/** Dependencies that an install makes again; checkpoints leave them out. */
const UNPROTECTED = ['node_modules', '.venv', 'target', '__pycache__']

/** Whether an install makes a folder again, by its name. */
export function isInstalledFolder(path: string): boolean {
  return UNPROTECTED.includes(path.replace(/\/$/, '').split('/').at(-1) ?? '')
}

/** `TASK-5-2`: the second attempt at TASK-5. */
export function attemptName(taskId: number, number: number): string {
  return `${taskKey(taskId)}-${number}`
}

/** What `attemptName` made; undefined for other names. */
export function readAttemptName(name: string): { readonly taskId: number; readonly number: number } | undefined {
  const [, task, number] = /^TASK-(\d+)-(\d+)$/.exec(name) ?? []
  return task === undefined ? undefined : { taskId: Number(task), number: Number(number) }
}

/** Folder in which the worktree of an attempt lies beside those of the repositories it builds on. */
export function attemptFolder(folder: string, taskId: number, number: number): string {
  return join(folder, 'attempts', attemptName(taskId, number))
}

export function checkpointStore(folder: string, taskId: number, number: number): CheckpointStore {
  return { folder: join(folder, 'checkpoints', attemptName(taskId, number)), unprotected: UNPROTECTED, within: folder }
}

/** Raw streams and configuration of an attempt's sessions. */
export function evidenceFolder(folder: string, taskId: number, number: number): string {
  return join(folder, 'evidence', attemptName(taskId, number))
}

/** Where commits are tested that nobody works on (alone, and together with those of other repositories), and copies of work. */
export const SCRATCH_GROUPS = ['baseline', 'joint', 'work'] as const

/** Folder of one such test, of this process alone. */
export function scratchFolder(folder: string, group: (typeof SCRATCH_GROUPS)[number], subject: string): string {
  return join(folder, group, `${subject}-${process.pid}-${randomUUID().slice(0, 8)}`)
}

/** The folder of SPEKI's own in which the folder of an attempt or of a test lies. */
export function executionFolderOf(folder: string): string {
  return dirname(dirname(folder))
}

/** Process id of whoever made a scratch folder, by its name; undefined for other names. */
export function scratchOwner(name: string): number | undefined {
  const [, pid] = /-(\d+)-[0-9a-f]{8}$/.exec(name) ?? []
  return pid === undefined ? undefined : Number(pid)
}

/** Branch of an attempt, without `refs/heads/`. */
function attemptBranch(taskId: number, number: number): string {
  return `speki/task-${taskId}-${number}`
}

/**
 * Names for the branch that collects what landed in a repository, without `refs/heads/`. The first that is free is taken: the
 * short one may be another workspace's, and nothing can lie below `speki/` where a person has a branch `speki`.
 */
export function changeSetBranches(changeSetId: number, workspace: string): readonly string[] {
  const id = workspace.slice(0, 8)
  return [`speki/cs-${changeSetId}`, `speki/${id}/cs-${changeSetId}`, `speki-${id}-cs-${changeSetId}`]
}

/** Refs under which discarded work stays readable: the first, or where that is another workspace's the second. */
export function keptRefs({
  taskId,
  number,
  mark,
}: Pick<AttemptRecord, 'taskId' | 'number' | 'mark'>): readonly string[] {
  const ref = `refs/speki/discarded/task-${taskId}-${number}`
  return [ref, `${ref}-${mark.slice(0, 8)}`]
}

/** A worktree is named like the working copy, so that relative paths between repositories lead to the same neighbours. */
export function worktreeIn(folder: string, root: string): string {
  return join(folder, basename(root))
}

/** Where an attempt works. */
export function attemptPlace(folder: string): PlaceAttempt {
  return ({ taskId, number, root }) => ({
    worktree: worktreeIn(attemptFolder(folder, taskId, number), root),
    branch: attemptBranch(taskId, number),
  })
}
