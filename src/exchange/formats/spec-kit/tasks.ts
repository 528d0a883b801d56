import type { BundleTask, Homeless } from '../../../../schemas/bundle.ts'
import type { ExtractedRequirement } from '../../../../schemas/requirement.ts'
import type { SourceFile } from '../../format.ts'
import { checkBoxTask } from '../document/check-box-task.ts'
import { type CheckBox, readCheckBoxes } from '../document/check-boxes.ts'
import { slugOf } from '../document/slug-of.ts'
import type { Json } from '../reading/json.ts'
import type { LooseEnds } from '../reading/loose-ends.ts'
import { withImplied } from '../reading/order.ts'
import { refuse, refuseTooMany } from '../reading/refusal.ts'
import { isOver } from '../reading/state.ts'
import { impliedOrder } from './implied-order.ts'
import type { Line } from './line.ts'
import { pathsIn } from './paths-in.ts'
import { idsIn, writtenDependencies } from './written-dependencies.ts'

export interface TasksSource {
  readonly file: SourceFile
  readonly folder: string
  /** ref of the PRD they belong to, and its requirements. */
  readonly prd: string
  readonly requirements: readonly ExtractedRequirement[]
  readonly loose: LooseEnds
}

export interface ReadTasks {
  readonly tasks: readonly BundleTask[]
  /** What tasks.md says beside its tasks. */
  readonly prose: string
  readonly homeless: readonly Homeless[]
}

const ID = /^(?:\*\*|`|\[)?(T[-_]?\d{1,6}(?:[.-]\d{1,4}){0,3}[a-z]?)(?:\*\*|`|\])?[:.)]?(?=\s|\[|$)\s*/i
const LABEL = /^(?:\*\*)?\[([^\][]{1,40})\](?:\*\*)?\s*/

export function readTasks(source: TasksSource): ReadTasks {
  const { file, prd, loose } = source
  const { boxes, prose } = readCheckBoxes(file.text)
  const lines = linesOf(boxes, file.path)
  refuseTooMany(file.path, lines.length)
  const known = new Map(lines.map(({ id }) => [id.toUpperCase(), id]))
  const dependencies = writtenDependencies(lines, prose)
  const requirements = requirementFinder(source.requirements)
  const inside = Map.groupBy(boxes, ({ parent }) => (parent === undefined ? undefined : boxes[parent]))
  const tasks = lines.map((line): BundleTask => {
    const { box } = line
    const where = { file: file.path, at: `line ${box.line}` }
    const dependsOn = (dependencies.get(line.id) ?? []).flatMap((written) => {
      const id = known.get(written.toUpperCase())
      if (id === line.id) refuse(where, `${line.id} depends on itself.`, 'Remove the dependency and import again.')
      if (id !== undefined) return `${prd}/${id}`
      loose.add(where, line.id, written, !isOver(box.mark === 'x' ? 'done' : 'todo', 'Spec Kit'))
      return []
    })
    const named = requirements(line)
    const { files, references } = pathsIn([line.text, ...box.more].join('\n'), source.folder)
    const parts = (inside.get(box) ?? []).filter((other) => !isTask(other))
    const extra: Record<string, Json> = {
      ...(line.parallel && { parallel: true }),
      ...(line.story !== undefined && { story: line.story }),
      ...(parts.some(({ mark }) => mark === 'x') && {
        checked: parts.flatMap(({ mark }, index) => (mark === 'x' ? [index + 1] : [])),
      }),
    }
    const task = checkBoxTask({
      file: file.path,
      tool: 'Spec Kit',
      box,
      ref: `${prd}/${line.id}`,
      alias: line.written ? line.id.replace(/~\d+$/, '') : undefined,
      prd,
      title: line.text,
      acceptanceCriteria: parts.map((part) => [part.text, ...part.more].join('\n')),
      files,
      references,
      dependsOn,
      extra,
    })
    return { ...task, requirements: [...named] }
  })
  return {
    tasks: withImplied(
      file.path,
      tasks,
      impliedOrder(lines, file.path, (id) => `${prd}/${id}`),
    ),
    prose: [prose, loneBoxes(boxes, lines)].filter(Boolean).join('\n\n'),
    homeless:
      tasks.length > 0
        ? []
        : [
            {
              path: file.path,
              what: 'list without a task',
              why: 'No line is a check box; its text is kept with the plan.',
            },
          ],
  }
}

function isTask(box: CheckBox): boolean {
  return ID.test(box.text)
}

/** Tasks are the boxes with an id; where no box has one, all of them that stand in no other. */
function linesOf(boxes: readonly CheckBox[], file: string): readonly Line[] {
  const numbered = boxes.some(isTask)
  const seen = new Map<string, { readonly box: CheckBox; readonly count: number }>()
  const twice: { readonly line: number; readonly says: string }[] = []
  const lines = boxes.flatMap((box): Line[] => {
    const match = ID.exec(box.text)
    if (numbered ? match === null : box.parent !== undefined) return []
    let text = box.text.slice(match?.[0].length ?? 0)
    let parallel = false
    let story: string | undefined
    for (
      let label = LABEL.exec(text);
      label !== null && !text.startsWith(`${label[0].trim()}(`);
      label = LABEL.exec(text)
    ) {
      const word = (label[1] ?? '').trim()
      if (/^p$/i.test(word)) parallel = true
      else if (/^(?:US|story|user story)[-_ ]?\d+/i.test(word)) story = word
      else break
      text = text.slice(label[0].length)
    }
    if (text.trim() === '' && match === null) return []
    const base = (match?.[1] ?? slugOf(text)) || `line-${box.line}`
    const before = seen.get(base.toUpperCase())
    // Of finished work nothing waits any more; with work left nobody could say which of the two is meant.
    if (match !== null && before !== undefined && (box.mark !== 'x' || before.box.mark !== 'x'))
      twice.push({ line: box.line, says: `${base} is there twice, first in line ${before.box.line}` })
    const count = (before?.count ?? 0) + 1
    seen.set(base.toUpperCase(), { box, count })
    const id = count === 1 ? base : `${base}~${count}`
    return [{ box, id, written: match !== null, parallel, story, text: text.trim() || base }]
  })
  const [first] = twice
  if (first !== undefined) {
    const others = twice.slice(1, 10).map(({ line, says }) => `line ${line}: ${says}`)
    refuse(
      { file, at: `line ${first.line}` },
      `${[first.says, ...others].join('; ')}${twice.length > 10 ? ` and ${twice.length - 10} more` : ''}.`,
      'Give each of the tasks an id of its own and import again.',
    )
  }
  return lines
}

/** Boxes that are neither a task nor part of one: checks of the list itself. */
function loneBoxes(boxes: readonly CheckBox[], lines: readonly Line[]): string {
  const tasks = new Set(lines.map(({ box }) => box))
  return boxes
    .filter((box) => !tasks.has(box) && (box.parent === undefined || !tasks.has(boxes[box.parent] ?? box)))
    .map((box) => [`- [${box.mark}] ${box.text}`, ...box.more.map((line) => `  ${line}`)].join('\n'))
    .join('\n')
}

/** Requirements that a line names: the story it is for, and ids in its text. */
function requirementFinder(requirements: readonly ExtractedRequirement[]): (line: Line) => ReadonlySet<string> {
  const names = new Map<string, string>()
  const count = Map.groupBy(requirements, ({ label }) => label?.toUpperCase())
  for (const [index, { label }] of requirements.entries()) {
    if (label === undefined) continue
    const alone = count.get(label.toUpperCase())?.length === 1
    const plain = label.toUpperCase()
    if (!names.has(plain)) names.set(plain, alone ? label : `@${index + 1}`)
    const story = /^(?:USER STORY|STORY|US)[-_ ]?0*(\d+)$/.exec(plain)?.[1]
    if (story !== undefined && !names.has(`STORY ${story}`))
      names.set(`STORY ${story}`, alone ? label : `@${index + 1}`)
  }
  return ({ story, text }) => {
    const number = /\d+/.exec(story ?? '')?.[0].replace(/^0+/, '')
    const named = [...(number === undefined ? [] : [`STORY ${number}`]), ...idsIn(text, /\b[A-Z]{2,6}-\d{1,5}\b/g)]
    return new Set(named.flatMap((name) => names.get(name.toUpperCase()) ?? []))
  }
}
