import type { BundleKnowledge, BundleTask, Homeless } from '../../../../schemas/bundle.ts'
import { splitLines } from '../../../spec/markdown/markdown-line.ts'
import { scanMarkdown } from '../../../spec/markdown/markdown-scan.ts'
import type { SourceFile } from '../../format.ts'
import { readDate } from '../reading/date.ts'
import { readItems } from '../reading/item-list.ts'
import { pieces } from '../reading/task.ts'
import { knowledgeOf } from './knowledge.ts'

type Note = BundleTask['notes'][number]

export interface Progress {
  /** By ref of the task. */
  readonly notes: ReadonlyMap<string, readonly Note[]>
  readonly lessons: readonly BundleKnowledge[]
}

const TASK = /\b(?:US|TS)-\d+\b/
const DATE = /\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?/
const MAX_NOTE = 20_000

/** The log agents write: what holds for the code comes first, then an entry for each task. */
export function readProgress(
  file: SourceFile | undefined,
  refs: ReadonlyMap<string, string>,
  homeless: Homeless[],
): Progress {
  const notes = new Map<string, Note[]>()
  if (file === undefined) return { notes, lessons: [] }
  const patterns: string[] = []
  for (const { heading, text } of sectionsOf(file.text)) {
    const body = text.trim()
    if (/\bpatterns?\b/i.test(heading) && !TASK.test(heading)) {
      const { items, prose } = readItems(body)
      patterns.push(...items.map((item) => item.text), ...(prose === '' ? [] : [prose]))
      continue
    }
    if (heading === '' && TASK.exec(body) === null) {
      if (body !== '')
        homeless.push({ path: file.path, what: 'head of the log', why: 'It is about no task; it stays in this file.' })
      continue
    }
    const id = TASK.exec(heading)?.[0]
    const ref = id === undefined ? undefined : refs.get(id)
    if (ref === undefined) {
      const what = `entry "${heading.slice(0, 80)}"`
      homeless.push({ path: file.path, what, why: 'No task that is there has its id; it stays in this file.' })
      continue
    }
    const at = readDate(DATE.exec(heading)?.[0] ?? '')
    const own = notes.get(ref) ?? []
    for (const part of pieces(`${heading}\n\n${body}`.trim(), MAX_NOTE))
      own.push({ text: part, ...(at !== undefined && { at }) })
    notes.set(ref, own)
  }
  const lessons = knowledgeOf(
    file.path,
    patterns.map((text) => ({ kind: 'lesson', text, category: 'patterns', by: undefined, at: undefined, extra: {} })),
    refs,
  )
  return { notes, lessons }
}

function sectionsOf(text: string): readonly { readonly heading: string; readonly text: string }[] {
  const sections: { heading: string; lines: string[] }[] = [{ heading: '', lines: [] }]
  const { source, lines } = scanMarkdown(splitLines(text))
  for (const [index, line] of lines.entries()) {
    // Agents rule their entries off, also right under a line of text.
    const isEntry = line.kind === 'heading' && line.item === undefined && line.level === 2 && line.end === index + 1
    const ruledOff = line.kind === 'rule' || (line.kind === 'underline' && line.text.startsWith('---'))
    if (isEntry) sections.push({ heading: line.text, lines: [] })
    else if (!ruledOff) sections.at(-1)?.lines.push(source[index] ?? '')
  }
  return sections.map(({ heading, lines }) => ({ heading, text: lines.join('\n') }))
}
