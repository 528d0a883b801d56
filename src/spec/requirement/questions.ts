import type { OpenQuestion, SourceLines } from '../../../schemas/requirement.ts'
import { type Block, endOf, type Table, type TextLine } from '../markdown/markdown-block.ts'
import { pathOf, type Section } from '../markdown/outline.ts'
import { bare, isPlaceholder, plain } from '../markdown/plain-text.ts'
import { isAnswer, isAnswered, isAnsweredAfter, isAnswerTitle, isSettledCell } from './answered-question.ts'
import { isStruck, parseLeadIn } from './lead-in.ts'
import { joinLines } from './passage.ts'
import { toUnits, type Unit } from './unit.ts'

const MARKER =
  /\[(?:NEEDS CLARIFICATION|TBD|OPEN QUESTION)\b((?:[^[\]]|\[[^[\]]{0,200}\]){0,1000})\]|\bTBD\s*:\s*([^.?!\s][^.?!]{0,500}[?.!]?)|\bopen question\s*:\s*([^.?!\s][^.?!]{0,500}[?.!]?)/gi
/** A line that has none of these holds no part of a marker but its end; most lines have none. */
const MIGHT_MARK = /\[|tbd|open/i
const QUESTION_LABEL = /^(?:OQ|Q)[-_ ]?\d{0,4}\s*[:.)–—-]\s*/i
const ASKS =
  /^(?:\W{0,4}(?:OQ|Q|question|frage|pregunta|domanda|pergunta|vraag|質問|问|问题|질문)[-_ ]?\d{0,4}\s*[:：.)–—-])/iu
/** Of a list of choices, or what answers the entry before. */
const NO_QUESTION = /^(?:answer|resolved|resolution|decision|a)\s*[:.)]/i
/** `None. The two of the first draft were answered.` */
const SAYS_NONE = /^(?:none|no (?:open )?questions?|all (?:open )?questions)\b[^?]*$/i
/** Characters behind a marker in which its answer is looked for. */
const ANSWER_WITHIN = 200
const QUESTION_COLUMN = /^(?:(?:open )?questions?|issues?|topics?|what|decisions?(?: needed)?)$/

/** Everything the text leaves open: sections of questions, and markers wherever they stand outside code. */
export function readQuestions(root: Section): OpenQuestion[] {
  const questions: OpenQuestion[] = []
  visit(root, false, questions)
  return questions.sort((a, b) => a.lines.start - b.lines.start)
}

function visit(section: Section, inQuestions: boolean, questions: OpenQuestion[]): void {
  const heading = section.heading
  const path = [...pathOf(section)]
  const own = section.role
  // `Answered` under the open ones.
  const asks = own !== 'excluded' && (inQuestions || own === 'questions')
  if (heading !== undefined) {
    const text = bare(heading.text)
    const lines = { start: heading.start, end: heading.end }
    if (inQuestions && own === undefined && text !== '' && !isStruck(text)) {
      if (isAnswered(text) || isAnsweredBelow(section)) return
      const last = section.blocks.at(-1)
      questions.push({
        text: text.replace(QUESTION_LABEL, ''),
        lines: { ...lines, end: last === undefined ? lines.end : endOf(last) },
        section: [...section.above],
      })
      return
    }
    addMarkers([{ text: heading.text, line: heading.start }], text, [...section.above], questions)
  }
  if (asks) readQuestionSection(section, path, questions)
  else readBlocks(section.blocks, path, questions)
  for (const child of section.sections) visit(child, asks, questions)
}

/** Lists and tables are questions; prose is where it asks, or where nothing else does. */
function readQuestionSection(section: Section, path: string[], questions: OpenQuestion[]): void {
  const parts = toUnits(section.blocks)
  const isProse = (part: Unit | Table): boolean =>
    part.kind === 'unit' && part.marker === 'none' && !part.text.includes('?')
  const onlyProse = parts.every(isProse) && section.sections.length === 0
  for (const [index, part] of parts.entries())
    if (onlyProse || !isProse(part)) addQuestion(part, parts[index + 1], path, questions)
}

/** What stands under the heading of a question answers it, by its first words or a heading of its own. */
function isAnsweredBelow({ blocks, sections }: Section): boolean {
  return (
    toUnits(blocks).some((part) => part.kind === 'unit' && isAnswer(part.text)) ||
    sections.some(
      ({ heading, blocks: below }) => heading !== undefined && isAnswerTitle(heading.text) && below.length > 0,
    )
  )
}

/** Outside question sections: markers, and lists a line such as `Open questions:` introduces. */
function readBlocks(blocks: readonly Block[], path: string[], questions: OpenQuestion[]): void {
  let listAsks = false
  const parts = toUnits(blocks)
  for (const [index, part] of parts.entries()) {
    if (part.kind === 'unit' && part.marker === 'none') {
      const leadIn = parseLeadIn(part)
      listAsks = leadIn?.role === 'questions'
      if (listAsks) continue
    }
    if (listAsks) {
      addQuestion(part, parts[index + 1], path, questions)
      continue
    }
    if (part.kind === 'table') {
      for (const row of part.rows) {
        const around = plain(row.cells.join(' '))
        for (const cell of row.cells) addMarkers([{ text: cell, line: row.line }], around, path, questions)
      }
      continue
    }
    addMarkers(part.own, plain(part.text), path, questions, parts[index + 1])
    readBlocks(part.children, path, questions)
  }
}

function addQuestion(
  part: Unit | Table,
  following: Unit | Table | undefined,
  path: string[],
  questions: OpenQuestion[],
): void {
  if (part.kind === 'table') {
    const column = Math.max(
      0,
      part.header.cells.findIndex((cell) => QUESTION_COLUMN.test(plain(cell).toLowerCase())),
    )
    for (const row of part.rows) {
      const asked = row.cells[column] ?? ''
      const settled = row.cells.some(
        (cell, index) => index !== column && isSettledCell(part.header.cells[index] ?? '', cell),
      )
      if (!settled && !isAnswered(asked)) push(asked, { start: row.line, end: row.line }, path, questions)
    }
    return
  }
  if (
    SAYS_NONE.test(part.text) ||
    parseLeadIn(part) !== undefined ||
    isStruck(part.text) ||
    (NO_QUESTION.test(bare(part.text)) && !part.text.includes('?')) ||
    part.checked ||
    isAnswered(part.text) ||
    toUnits(part.children).some((child) => child.kind === 'unit' && isAnswer(child.text)) ||
    isAnsweredNext(part, following)
  )
    return
  push(part.text, part.lines, path, questions)
}

/** The answer stands in the entry after: below a line of prose, or where both say what they are. */
function isAnsweredNext(part: Unit, following: Unit | Table | undefined): boolean {
  if (following?.kind !== 'unit' || !isAnswer(following.text)) return false
  return ASKS.test(bare(part.text)) || (part.marker === 'none' && following.marker === 'none')
}

function push(source: string, lines: SourceLines, path: string[], questions: OpenQuestion[]): void {
  const inner = [...source.matchAll(MARKER)]
  const whole = plain(source).replace(QUESTION_LABEL, '')
  const marked = inner.length === 1 && inner[0]?.[0] === source.trim() ? markedText(inner[0]) : undefined
  const text = marked === undefined || marked === '' ? whole : marked
  if (text !== '' && !isPlaceholder(text)) questions.push({ text, lines: { ...lines }, section: path })
}

function markedText(match: RegExpMatchArray): string {
  return plain(match[1]?.replace(/^\s*:?/, '') ?? match[2] ?? match[3] ?? '')
}

function addMarkers(
  own: readonly TextLine[],
  around: string,
  path: string[],
  questions: OpenQuestion[],
  following?: Unit | Table,
): void {
  if (!own.some(({ text }) => MIGHT_MARK.test(text))) return
  const passage = joinLines(own)
  let inCode = false
  let seen = 0
  for (const match of passage.text.matchAll(MARKER)) {
    for (; seen < match.index; seen++) if (passage.text[seen] === '`') inCode = !inCode
    if (inCode) continue
    const text = markedText(match)
    const end = match.index + match[0].length
    const after = passage.text.slice(end, end + ANSWER_WITHIN)
    if (isAnsweredAfter(after) || (after.trim() === '' && following?.kind === 'unit' && isAnswer(following.text)))
      continue
    // A checklist that speaks of such markers asks nothing.
    if (text === '' && /\bmarkers?\b/i.test(around)) continue
    questions.push({
      text: text === '' ? around : text,
      lines: passage.linesOf(match.index, match.index + match[0].length),
      section: path,
    })
  }
}
