import type { BundlePrd, BundleTask } from '../../../../schemas/bundle.ts'
import type { PrdState } from '../../../../schemas/prd.ts'
import { readDate } from '../reading/date.ts'
import { type Json, otherFields } from '../reading/json.ts'
import { refuse } from '../reading/refusal.ts'
import { readState, stateByTasks } from '../reading/state.ts'
import { cutAtWord, toTask } from '../reading/task.ts'
import type { Arrangement } from './arrange.ts'
import type { Bead } from './bead.ts'

/** P0 to P4. */
const PRIORITIES = [10, 30, 50, 70, 90]

export function taskOf(bead: Bead, { epicOf, dependsOn, external }: Arrangement): BundleTask {
  const priority = PRIORITIES[bead.priority ?? 2]
  const waitsFor = external.get(bead.id)
  const over = readState(bead.status ?? 'open', 'Beads').status === 'done'
  return toTask({
    where: bead.where,
    tool: 'Beads',
    ref: bead.id,
    alias: bead.id,
    prd: epicOf.get(bead.id),
    title: { field: 'title', value: bead.title },
    status: { field: 'status', value: bead.status ?? 'open' },
    blockReason: blockReason(bead) ?? (waitsFor === undefined || over ? undefined : `waits for ${waitsFor.join(', ')}`),
    assignee: bead.assignee ?? undefined,
    passages: [
      { field: 'description', value: bead.description },
      { field: 'design', value: bead.design, heading: 'Design' },
    ],
    acceptanceCriteria: [{ field: 'acceptance_criteria', value: bead.acceptance_criteria }],
    testCases: [],
    notes: [
      { text: bead.notes ?? '' },
      ...(bead.comments ?? []).map(({ text, author, created_at }) => ({
        text,
        by: author ?? undefined,
        at: readDate(created_at ?? ''),
      })),
      ...(bead.close_reason && !/^(?:closed|done|completed)\.?$/i.test(bead.close_reason)
        ? [{ text: bead.close_reason, at: readDate(bead.closed_at ?? '') }]
        : []),
    ],
    dependsOn: dependsOn.get(bead.id) ?? [],
    complexity: 'medium',
    priority: priority ?? 50,
    created: { field: 'created_at', value: bead.created_at },
    updated: { field: 'updated_at', value: bead.updated_at },
    finished: { field: 'closed_at', value: bead.closed_at },
    extra: { ...extraOf(bead), ...(priority === undefined && { priority: bead.priority ?? null }) },
  })
}

export function epicOf(bead: Bead, { epicOf: parents, members }: Arrangement): BundlePrd {
  const title = (bead.title ?? '').replace(/\s+/g, ' ').trim()
  if (title === '') refuse(bead.where, `${bead.id} has no title.`, 'Give it one and import again.')
  const created = readDate(bead.created_at ?? '')
  const updated = readDate(bead.updated_at ?? '')
  const parent = parents.get(bead.id)
  const sections = [
    [undefined, bead.description],
    ['Design', bead.design],
    ['Acceptance criteria', bead.acceptance_criteria],
  ].filter(([, text]) => (text ?? '').trim() !== '')
  return {
    ref: bead.id,
    title: cutAtWord(title, 300),
    kind: 'prd',
    state: stateOf(bead, members.get(bead.id) ?? []),
    body: sections.map(([heading, text]) => (heading === undefined ? text : `## ${heading}\n\n${text}`)).join('\n\n'),
    ...(parent !== undefined && { parent }),
    repositories: [],
    owners: bead.owner ? [bead.owner] : [],
    ...(created !== undefined && { created_at: created }),
    ...(updated !== undefined && { updated_at: updated }),
    extra: {
      ...extraOf(bead),
      ...kept({
        title: title.length > 300 ? title : undefined,
        status: bead.status,
        priority: bead.priority,
        notes: bead.notes,
        comments: bead.comments?.map((comment) => otherFields(comment, new Set())),
        closed_at: bead.closed_at,
        created_at: created === undefined ? bead.created_at : undefined,
        updated_at: updated === undefined ? bead.updated_at : undefined,
      }),
    },
  }
}

function stateOf(epic: Bead, tasks: readonly Bead[]): PrdState {
  const state = readState(epic.status ?? 'open', 'Beads')
  if (state.status === 'done' || state.status === 'cancelled') return 'completed'
  const byTasks = stateByTasks(tasks.map((task) => readState(task.status ?? 'open', 'Beads')))
  if (state.begun || byTasks === 'completed') return 'in_progress'
  return byTasks
}

function blockReason(bead: Bead): string | undefined {
  if (bead.status !== 'deferred' || !bead.defer_until) return undefined
  return `deferred in Beads until ${bead.defer_until}`
}

/** Everything of an issue that neither task nor PRD holds; dependencies whole, for their authors and dates. */
function extraOf(bead: Bead): Record<string, Json> {
  const comments = (bead.comments ?? []).map((comment) =>
    otherFields(comment, new Set(['author', 'text', 'created_at', 'issue_id'])),
  )
  return {
    ...bead.other,
    ...kept({
      issue_type: bead.issue_type,
      assignee: bead.assignee,
      owner: bead.owner,
      labels: bead.labels,
      close_reason: bead.close_reason,
      defer_until: bead.defer_until,
      is_template: bead.is_template,
      dependencies: bead.dependencies?.map((edge) => otherFields(edge, new Set())),
      comments: comments.some((comment) => Object.keys(comment).length > 0) ? comments : undefined,
    }),
  }
}

/** Fields that say something. */
function kept(fields: Readonly<Record<string, Json | undefined>>): Record<string, Json> {
  const filled: Record<string, Json> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null || value === '') continue
    if (!Array.isArray(value) || value.length > 0) filled[name] = value
  }
  return filled
}
