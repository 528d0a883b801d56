import type { BundlePrd, BundleTask, Homeless } from '../../../../schemas/bundle.ts'
import type { PrdState } from '../../../../schemas/prd.ts'
import { splitLines } from '../../../spec/markdown/markdown-line.ts'
import { scanMarkdown } from '../../../spec/markdown/markdown-scan.ts'
import type { SourceFile } from '../../format.ts'
import { checkBoxTask } from '../document/check-box-task.ts'
import { type CheckBox, readCheckBoxes } from '../document/check-boxes.ts'
import { documentPrd, titleOf, titleOfName } from '../document/document-prd.ts'
import { wordOf } from '../document/front-matter.ts'
import { slugOf } from '../document/slug-of.ts'
import { readDate } from '../reading/date.ts'
import { type Json, otherFields } from '../reading/json.ts'
import { withImplied } from '../reading/order.ts'
import { refuse, refuseTooMany } from '../reading/refusal.ts'
import { type Values, yamlValues } from '../reading/yaml.ts'

/** The files of one change, by their path in its folder. */
export interface ChangeFiles {
  /** Path of the openspec folder, with its slash. */
  readonly root: string
  readonly folder: string
  readonly files: Map<string, SourceFile>
}

export interface Change {
  readonly prds: readonly BundlePrd[]
  readonly tasks: readonly BundleTask[]
  readonly homeless: readonly Homeless[]
}

const ARCHIVED = /(?:^|\/)changes\/archive\/(?:(\d{4}-\d{2}-\d{2})-)?([^/]+)$/

/**
 * Refs of changes by folder. A change keeps the ref it had before it was archived; of several that had the same id over
 * time the oldest has it, so that none takes the ref of another one later.
 */
export function refsOfChanges(changes: readonly ChangeFiles[]): ReadonlyMap<string, string> {
  const when = ({ folder }: ChangeFiles): string =>
    ARCHIVED.test(folder) ? (ARCHIVED.exec(folder)?.[1] ?? '0') : '9999'
  const refs = new Map<string, string>()
  const count = new Map<string, number>()
  const ordered = changes.toSorted((a, b) => (when(a) < when(b) ? -1 : when(a) > when(b) ? 1 : 0))
  for (const { root, folder } of ordered) {
    const id = ARCHIVED.exec(folder)?.[2] ?? folder.slice(folder.lastIndexOf('/') + 1)
    const plain = `${root}changes/${id}`
    const number = (count.get(plain) ?? 0) + 1
    count.set(plain, number)
    refs.set(folder, number === 1 ? plain : `${plain}~${number}`)
  }
  return refs
}

/** One PRD for proposal and deltas, one below it for the design, a task for every check box. */
export function readChange({ folder, files }: ChangeFiles, ref: string): Change {
  const archived = ARCHIVED.exec(folder)
  const id = archived?.[2] ?? folder.slice(folder.lastIndexOf('/') + 1)
  const file = (name: string): SourceFile | undefined => files.get(name)
  const deltas = [...files].filter(([name]) => /^specs\/.+\/spec\.md$/.test(name))
  const used = new Set(['proposal.md', 'design.md', 'tasks.md', '.openspec.yaml', ...deltas.map(([name]) => name)])
  const homeless = [...files]
    .filter(([name]) => !used.has(name))
    .map(([, { path }]) => ({
      path,
      what: 'document of a change',
      why: 'It is no part of a change; it stays in this file.',
    }))
  const proposal = file('proposal.md')
  const tasksFile = file('tasks.md')
  const design = file('design.md')
  if (proposal === undefined && tasksFile === undefined && design === undefined && deltas.length === 0)
    return { prds: [], tasks: [], homeless }
  const settingsFile = file('.openspec.yaml')
  const settings: Values = settingsFile === undefined ? {} : yamlValues(settingsFile.text, settingsFile.path)
  const { tasks, prose } = readTasks(tasksFile, ref, archived?.[1])
  const state: PrdState =
    archived !== null ? 'completed' : tasks.some((task) => task.status === 'done') ? 'in_progress' : 'draft'
  const others = otherFields(settings, new Set(typeof settings['created'] === 'string' ? ['created'] : []))
  const dates = {
    created: { field: 'created', value: wordOf(settings, 'created') },
    ...(archived?.[1] !== undefined && { updated: { field: 'archived', value: archived[1] } }),
  }
  const extra: Record<string, Json> = {
    change: id,
    ...(archived?.[1] !== undefined && { archived: archived[1] }),
    ...(Object.keys(others).length > 0 && { '.openspec.yaml': others }),
    ...(prose !== '' && { 'tasks.md': prose }),
  }
  const prd = documentPrd({
    ref,
    title: titleOf(proposal?.text ?? '')?.replace(/^(?:change|proposal|change proposal):\s*/i, '') ?? titleOfName(id),
    kind: 'prd',
    state,
    body: bodyOf(id, proposal, deltas),
    ...dates,
    extra,
  })
  const below =
    design === undefined
      ? []
      : [
          documentPrd({
            ref: `${ref}/design.md`,
            title: titleOf(design.text) ?? `Design: ${prd.title}`,
            kind: 'tech_spec',
            state,
            body: design.text,
            parent: ref,
            ...dates,
          }),
        ]
  return { prds: [prd, ...below], tasks, homeless }
}

/** Proposal and deltas word for word, with a comment above each delta that says where it belongs. */
function bodyOf(
  id: string,
  proposal: SourceFile | undefined,
  deltas: readonly (readonly [string, SourceFile])[],
): string {
  const parts = deltas.map(([name, { text }]) => `<!-- ${name} -->\n\n${text}`)
  return [proposal?.text ?? `# ${titleOfName(id)}\n`, ...parts].map((part) => part.replace(/\n*$/, '\n')).join('\n')
}

/** `1.2`, `1.`, `T012`; a figure in front of a word is part of the sentence. */
const NUMBER =
  /^(?:\*\*)?(?:task\s+)?(\d{1,6}(?:\.\d{1,6})+[a-z]?(?=[\s.:)*])|\d{1,6}(?=[.):])|T\d{2,6}(?=[\s.:)*])|[A-Z]{1,5}-?\d{1,6}(?:\.\d{1,6})*(?=[.:)]))[.):]?(?:\*\*)?[.):]?\s+(?=\S)/i

function readTasks(
  file: SourceFile | undefined,
  prd: string,
  archived: string | undefined,
): { readonly tasks: readonly BundleTask[]; readonly prose: string } {
  if (file === undefined) return { tasks: [], prose: '' }
  const { boxes, prose } = readCheckBoxes(file.text)
  refuseTooMany(file.path, boxes.length)
  const refs = namesOf(boxes, file.path)
  const at = archived === undefined ? undefined : readDate(archived)
  const implied = new Map<string, string[]>()
  const tasks = boxes.flatMap((box, index): BundleTask[] => {
    const name = refs[index]
    if (name === undefined) return []
    const ref = `${prd}/${name.name}`
    const above = box.parent === undefined ? undefined : refs[box.parent]
    if (above !== undefined) {
      const whole = `${prd}/${above.name}`
      const parts = implied.get(whole)
      if (parts === undefined) implied.set(whole, [ref])
      else parts.push(ref)
    }
    const task = checkBoxTask({
      file: file.path,
      tool: 'OpenSpec',
      box,
      ref,
      alias: name.alias,
      prd,
      title: name.title,
    })
    if (archived === undefined) return [task]
    const dated = at === undefined ? task : { ...task, updated_at: at }
    return [dated.status === 'todo' ? closed(dated, archived) : dated]
  })
  return { tasks: withImplied(file.path, tasks, implied), prose: saysNothing(prose) ? '' : prose }
}

/** Headings and rules alone: each task names the headings above it. */
function saysNothing(prose: string): boolean {
  return scanMarkdown(splitLines(prose)).lines.every(({ kind }) => ['heading', 'rule', 'blank'].includes(kind))
}

/** Nobody works on an archived change any more; what was never ticked off was given up with it. */
function closed(task: BundleTask, archived: string): BundleTask {
  return {
    ...task,
    status: 'cancelled',
    notes: [...task.notes, { text: `Its box was still open when the change was archived on ${archived}.` }],
    extra: { ...task.extra, box: 'open' },
  }
}

interface Name {
  readonly name: string
  readonly alias: string | undefined
  readonly title: string
}

/** What each box is called: its number, else the words of it. A number twice counts the second one on. */
function namesOf(boxes: readonly CheckBox[], file: string): readonly (Name | undefined)[] {
  const used = new Map<string, number>()
  return boxes.map((box) => {
    const match = NUMBER.exec(box.text)
    const alias = match?.[1]
    const title = match === null ? box.text : box.text.slice(match[0].length)
    if (title.trim() === '') return undefined
    const base = alias ?? (slugOf(title) || `line-${box.line}`)
    const number = (used.get(base) ?? 0) + 1
    used.set(base, number)
    if (base.length > 100)
      refuse(
        { file, at: `line ${box.line}` },
        `the number ${base.slice(0, 20)}… is no number.`,
        'Correct it and import again.',
      )
    return { name: number === 1 ? base : `${base}~${number}`, alias, title }
  })
}
