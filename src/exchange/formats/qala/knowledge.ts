import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { BundleKnowledge } from '../../../../schemas/bundle.ts'
import { KnowledgeCategory } from '../../../../schemas/knowledge.ts'
import type { SourceFile } from '../../format.ts'
import { readDate } from '../reading/date.ts'
import { type Json, otherFields, parseJson, parseShape } from '../reading/json.ts'
import { pieces } from '../reading/task.ts'

const By = { addedBy: z.string().nullish(), addedAt: z.string().nullish() }
const Feedback = z.looseObject({
  blocking: z.array(z.looseObject({ issue: z.string().trim().min(1), ...By })).nullish(),
  suggestions: z
    .array(z.looseObject({ suggestion: z.string().trim().min(1), forTask: z.string().nullish(), ...By }))
    .nullish(),
  lessonsLearned: z
    .array(z.looseObject({ lesson: z.string().trim().min(1), category: z.string().nullish(), ...By }))
    .nullish(),
})
const MAX_TEXT = 20_000

interface Entry {
  readonly kind: BundleKnowledge['kind']
  readonly text: string
  readonly task?: string | undefined
  readonly category?: string | undefined
  readonly by: string | null | undefined
  readonly at: string | null | undefined
  readonly extra: Record<string, Json>
}

/** Blocking items, advice and lessons. Entries leave the file once they are settled, so refs are made of the words. */
export function readKnowledge(
  file: SourceFile | undefined,
  refs: ReadonlyMap<string, string>,
): readonly BundleKnowledge[] {
  if (file === undefined) return []
  const where = { file: file.path }
  const { blocking, suggestions, lessonsLearned } = parseShape(Feedback, parseJson(file.text, where), where)
  const besides = (entry: Readonly<Record<string, unknown>>, ...names: readonly string[]): Record<string, Json> =>
    otherFields(entry, new Set(['addedBy', 'addedAt', ...names]))
  const entries: readonly Entry[] = [
    ...(blocking ?? []).map(
      (entry): Entry => ({
        kind: 'blocking',
        text: entry.issue,
        category: 'gotchas',
        by: entry.addedBy,
        at: entry.addedAt,
        extra: besides(entry, 'issue'),
      }),
    ),
    ...(suggestions ?? []).map(
      (entry): Entry => ({
        kind: 'suggestion',
        text: entry.suggestion,
        task: entry.forTask ?? undefined,
        by: entry.addedBy,
        at: entry.addedAt,
        extra: besides(entry, 'suggestion', 'forTask'),
      }),
    ),
    ...(lessonsLearned ?? []).map(
      (entry): Entry => ({
        kind: 'lesson',
        text: entry.lesson,
        category: entry.category ?? undefined,
        by: entry.addedBy,
        at: entry.addedAt,
        extra: besides(entry, 'lesson', 'category'),
      }),
    ),
  ]
  return knowledgeOf(file.path, entries, refs)
}

/** Entries under refs that stay the same while others come and go. */
export function knowledgeOf(
  path: string,
  entries: readonly Entry[],
  refs: ReadonlyMap<string, string>,
): readonly BundleKnowledge[] {
  const used = new Map<string, number>()
  return entries.flatMap((entry) => {
    const digest = createHash('sha256')
      .update(`${entry.kind}\0${entry.task ?? ''}\0${entry.text}`)
      .digest('hex')
      .slice(0, 12)
    const count = (used.get(digest) ?? 0) + 1
    used.set(digest, count)
    const category = KnowledgeCategory.safeParse(entry.category).data
    const task = entry.task === undefined ? undefined : refs.get(entry.task)
    const at = readDate(entry.at ?? '')
    const extra: Record<string, Json> = {
      ...entry.extra,
      ...(category === undefined && entry.category !== undefined && { category: entry.category }),
      ...(task === undefined && entry.task !== undefined && { forTask: entry.task }),
      ...(at === undefined && typeof entry.at === 'string' && { addedAt: entry.at }),
    }
    return pieces(entry.text, MAX_TEXT).map((text, index) => ({
      ref: `${path}/${entry.kind}/${digest}${count > 1 ? `-${count}` : ''}${index > 0 ? `:${index + 1}` : ''}`,
      kind: entry.kind,
      category: category ?? 'patterns',
      text,
      ...(task !== undefined && { task }),
      ...(typeof entry.by === 'string' && entry.by !== '' && { by: entry.by }),
      ...(at !== undefined && { at }),
      extra,
    }))
  })
}
