import { z } from 'zod'
import { keyNumber, PrdKey, TaskKey } from '../../../schemas/key.ts'
import { PrdKind, PrdState } from '../../../schemas/prd.ts'
import { Counts, countsOf, isoTime } from '../answer.ts'
import { clip } from '../text.ts'
import { defineTool, Next } from '../tool.ts'

const Include = z.enum(['body', 'requirements', 'tasks', 'progress', 'history'])
const BODY_BUDGET = 5000
const ROWS = 30

export const prdGet = defineTool({
  name: 'prd_get',
  title: 'Read PRD',
  description:
    'Read a PRD: text (whole, one section, or an older revision), requirements with lines and their tasks, progress by repository, history and diff.',
  toolset: 'registry',
  effect: 'read',
  input: z.object({
    id: PrdKey,
    include: z.array(Include).max(5).default(['body']),
    section: z.string().max(500).optional().describe('Section id or heading'),
    revision: z.int32().min(1).optional().describe('Default: current'),
    diff_from: z.int32().min(1).optional().describe('Show the changes since this revision instead of the text'),
    offset: z.int32().min(0).default(0).describe('Where to go on: characters of the text, or rows of a list'),
    max_chars: z.int32().min(500).max(200_000).default(BODY_BUDGET).describe('Text a call'),
  }),
  output: z.object({
    id: PrdKey,
    title: z.string(),
    kind: PrdKind,
    state: PrdState,
    revision: z.int32().describe('Current; use it as base_revision'),
    version: z.int32(),
    repositories: z.array(z.string()),
    owners: z.array(z.string()),
    parent: PrdKey.optional(),
    children: z.array(z.object({ id: PrdKey, title: z.string(), state: PrdState })),
    plan: z.object({ id: z.string(), revision: z.int32() }).optional(),
    body: z.string().optional(),
    body_revision: z.int32().optional(),
    next_offset: z.int32().optional().describe('Set where more follows'),
    sections: z.array(z.object({ id: z.string(), title: z.string(), lines: z.string() })).optional(),
    requirements: z
      .array(
        z.object({
          id: z.string(),
          label: z.string().optional(),
          text: z.string(),
          lines: z.string(),
          criteria: z.array(z.string()),
          state: z.string(),
          tasks: z.array(TaskKey),
        }),
      )
      .optional(),
    tasks: z
      .array(
        z.object({
          id: TaskKey,
          title: z.string(),
          repository: z.string(),
          status: z.string(),
          ready: z.boolean(),
          stale: z.boolean(),
        }),
      )
      .optional(),
    progress: z
      .object({ all: Counts, repositories: z.array(z.object({ name: z.string(), tasks: Counts })) })
      .optional(),
    history: z
      .array(z.object({ revision: z.int32(), by: z.string(), at: z.string(), reason: z.string(), hash: z.string() }))
      .optional(),
    next: Next,
  }),
  summarize: ({ id, title, state, revision }) => `${id} "${title}" is ${state}, revision ${revision}.`,
  async run(input, { service }) {
    const read = await import('../../domain/prd-read.ts')
    const number = keyNumber(input.id)
    const { prd, children, plan } = await read.readPrd(service, number)
    const wants = (part: z.infer<typeof Include>) => input.include.includes(part)
    const page = <T>(rows: readonly T[]) => rows.slice(input.offset, input.offset + ROWS)
    const text = wants('body') ? await readText() : undefined
    const requirements = wants('requirements') ? await read.readRequirements(service, number) : undefined
    const tasks = wants('tasks') ? await read.readPrdTasks(service, number) : undefined
    const progress = wants('progress') ? await read.readPrdProgress(service, number) : undefined
    const history = wants('history') ? await read.readPrdHistory(service, number) : undefined
    const moreRows = [requirements, tasks, history].some(
      (rows) => rows !== undefined && rows.length > input.offset + ROWS,
    )
    const nextOffset = text?.nextOffset ?? (moreRows ? input.offset + ROWS : undefined)
    return {
      id: prd.id,
      title: prd.title,
      kind: prd.kind,
      state: prd.state,
      revision: prd.revision,
      version: prd.version,
      repositories: prd.repositories,
      owners: prd.owners,
      parent: prd.parent,
      children: children.slice(0, ROWS),
      plan,
      ...(text !== undefined && { body: text.body, body_revision: text.revision, sections: text.sections }),
      ...(nextOffset !== undefined && { next_offset: nextOffset }),
      ...(requirements !== undefined && {
        requirements: page(requirements).map((requirement) => ({
          id: requirement.id,
          label: requirement.label,
          text: clip(requirement.text, 300).text,
          lines: `${requirement.lines.start}-${requirement.lines.end}`,
          criteria: requirement.criteria.slice(0, 10).map((criterion) => clip(criterion.text, 200).text),
          state: requirement.state,
          tasks: [...requirement.tasks],
        })),
      }),
      ...(tasks !== undefined && { tasks: page(tasks) }),
      ...(progress !== undefined && {
        progress: {
          all: countsOf(progress.all),
          repositories: progress.repositories
            .slice(0, ROWS)
            .map((entry) => ({ name: entry.name, tasks: countsOf(entry.tasks) })),
        },
      }),
      ...(history !== undefined && {
        history: page(history).map((entry) => ({
          revision: entry.number,
          by: entry.actor.name,
          at: isoTime(entry.at),
          reason: entry.reason,
          hash: entry.hash.slice(0, 12),
        })),
      }),
      next:
        plan === undefined
          ? [`plan_draft prd="${prd.id}"`, `prd_edit id="${prd.id}" base_revision=${prd.revision}`]
          : [`task_list prd="${prd.id}"`, `prd_edit id="${prd.id}" base_revision=${prd.revision}`],
    }

    async function readText() {
      if (input.diff_from !== undefined) {
        const diff = await read.diffPrd(service, number, input.diff_from, input.revision ?? prd.revision)
        return cut(diff, input.revision ?? prd.revision, [])
      }
      const { body, revision, sections } = await read.readPrdBody(service, number, {
        revision: input.revision,
        section: input.section,
      })
      return cut(
        body,
        revision,
        sections.slice(0, 40).map((section) => ({
          id: section.id,
          title: section.title,
          lines: `${section.lines.start}-${section.lines.end}`,
        })),
      )
    }

    function cut(whole: string, revision: number, sections: { id: string; title: string; lines: string }[]) {
      const part = clip(whole.slice(input.offset), input.max_chars)
      return {
        body: part.text,
        revision,
        sections,
        nextOffset: part.truncated ? input.offset + part.text.length : undefined,
      }
    }
  },
})
