import type { BundleKnowledge } from '../../../../schemas/bundle.ts'
import type { KnowledgeCategory } from '../../../../schemas/knowledge.ts'
import { withoutHidden } from '../../../spec/markdown/comments.ts'
import { splitLines } from '../../../spec/markdown/markdown-line.ts'
import { scanMarkdown } from '../../../spec/markdown/markdown-scan.ts'
import type { SourceFile } from '../../format.ts'
import { pieces } from '../reading/task.ts'
import { checkedRef } from './checked-ref.ts'
import { slugOf } from './slug-of.ts'

const MAX_TEXT = 20_000

const SUBJECTS: readonly (readonly [KnowledgeCategory, RegExp])[] = [
  ['testing', /\btest|\bquality\b|\btdd\b/i],
  ['security', /\bsecur|\bprivacy\b|\bauth/i],
  ['performance', /\bperforman|\bspeed\b|\blatency\b/i],
  ['database', /\bdatabase\b|\bstorage\b|\bschema\b/i],
  ['api', /\bapis?\b|\bcontracts?\b|\binterfaces?\b/i],
  ['tooling', /\btool|\bstack\b|\bbuild\b|\bworkflow\b|\bgit\b|\bdeploy|\bci\b|\bdependenc/i],
  ['architecture', /\barchitect|\bstructure\b|\bdesign\b|\bmodul|\bconstraints?\b/i],
]

/** Each section of a document of standing rules as a lesson, under its heading; unfilled places of a template are none. */
export function sectionLessons({ path, text }: SourceFile): readonly BundleKnowledge[] {
  const { source, lines, headings } = scanMarkdown(splitLines(text))
  const shown = lines.map(({ hidden }, index) => withoutHidden(source[index] ?? '', 0, hidden ?? []).trimEnd())
  const used = new Map<string, number>()
  const above: { level: number; title: string }[] = []
  const lessons: BundleKnowledge[] = []
  const starts = [{ level: 0, title: '', end: 0 }, ...headings]
  for (const [index, heading] of starts.entries()) {
    while ((above.at(-1)?.level ?? 0) >= heading.level && above.length > 0) above.pop()
    above.push(heading)
    const own = shown.slice(heading.end, headings[index]?.first).join('\n').trim()
    if (/^[\s*_>-]*$/.test(own) || /^\[[A-Z0-9_ ]+\]$/.test(own)) continue
    const place = above.flatMap(({ level, title }) => (level > 1 && title !== '' ? [title] : []))
    const name = slugOf(heading.title) || 'start'
    const count = (used.get(name) ?? 0) + 1
    used.set(name, count)
    const ref = checkedRef(`${path}#${name}${count > 1 ? `-${count}` : ''}`, path)
    const subject = SUBJECTS.find(([, pattern]) => pattern.test(heading.title))?.[0] ?? 'patterns'
    const lesson = place.length > 0 ? `${place.join(' › ')}\n\n${own}` : own
    for (const [piece, part] of pieces(lesson, MAX_TEXT).entries())
      lessons.push({
        ref: piece === 0 ? ref : checkedRef(`${ref}:${piece + 1}`, path),
        kind: 'lesson',
        category: subject,
        text: part,
        extra: {},
      })
  }
  return lessons
}
