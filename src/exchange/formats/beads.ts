import type { Bundle, BundleKnowledge, Homeless } from '../../../schemas/bundle.ts'
import type { Format, SourceFile } from '../format.ts'
import { arrange } from './beads/arrange.ts'
import { type Bead, Memory, readBead } from './beads/bead.ts'
import { epicOf, taskOf } from './beads/convert.ts'
import { byPath } from './reading/by-path.ts'
import { readDate } from './reading/date.ts'
import { type Json, otherFields, parseJson, parseShape } from './reading/json.ts'
import { collectLooseEnds } from './reading/loose-ends.ts'
import { withImplied } from './reading/order.ts'
import { refuse, refuseTooMany, type Where } from './reading/refusal.ts'
import { pieces } from './reading/task.ts'

const LISTS = ['.beads/issues.jsonl', '.beads/beads.jsonl']
const BESIDE = /^\.beads\/[^/]+\.(?:jsonl|ya?ml)$/

/** Beads: one issue a line in .beads/issues.jsonl (beads.jsonl in old projects). */
export const beads: Format = { name: 'beads', title: 'Beads', claims, read }

function claims(paths: readonly string[]): readonly string[] {
  const list = LISTS.find((path) => paths.includes(path))
  return list === undefined ? [] : [list, ...paths.filter((path) => path !== list && BESIDE.test(path))]
}

function read(claimed: readonly SourceFile[]): Bundle {
  const files = claimed.toSorted(byPath)
  const list = files.find((file) => LISTS.includes(file.path))
  if (list === undefined)
    return refuse({ file: '.beads' }, 'there is no issues.jsonl.', 'Export it with bd export and import again.')
  const homeless: Homeless[] = files
    .filter((file) => file !== list)
    .map(({ path }) => ({
      path,
      what: 'settings or history of Beads',
      why: 'SPEKI has its own; it stays in this file.',
    }))
  const { found, knowledge } = readLines(list, homeless)
  refuseTooMany(list.path, found.length)
  const loose = collectLooseEnds()
  const arranged = arrange(list.path, found, loose)
  loose.settle('Remove the dependencies with bd dep remove, or bring the issues back, and import again.')
  homeless.push(...loose.homeless())
  const prds = arranged.epics.map((epic) => epicOf(epic, arranged))
  const tasks = arranged.tasks.map((task) => taskOf(task, arranged))
  return { format: 'beads', prds, tasks: withImplied(list.path, tasks, arranged.implied), knowledge, homeless }
}

interface Lines {
  readonly found: readonly Bead[]
  readonly knowledge: BundleKnowledge[]
}

function readLines(file: SourceFile, homeless: Homeless[]): Lines {
  const found: Bead[] = []
  const knowledge: BundleKnowledge[] = []
  const lines = new Map<string, number>()
  for (const [index, line] of file.text.split('\n').entries()) {
    if (line.trim() === '') continue
    const where = { file: file.path, at: `line ${index + 1}` }
    const value = parseJson(line, where)
    const type = typeOf(value)
    if (type === 'memory') knowledge.push(...memory(value, where))
    else if (type !== undefined && type !== 'issue') homeless.push(unknown(type, where))
    else {
      const bead = readBead(value, where)
      const before = lines.get(bead.id)
      if (before !== undefined)
        refuse(where, `the id ${bead.id} is taken by line ${before}.`, 'Keep one of the lines and import again.')
      lines.set(bead.id, index + 1)
      if (bead.is_template === true)
        homeless.push({ path: file.path, what: `template ${bead.id}`, why: 'Is no work; it stays in this file.' })
      found.push(bead)
      if (bead.status === 'tombstone')
        homeless.push({
          path: file.path,
          what: `deleted issue ${bead.id}`,
          why: 'Was deleted in Beads; it stays in this file.',
        })
    }
  }
  return { found, knowledge }
}

function typeOf(value: Json): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return typeof value['_type'] === 'string' ? value['_type'] : undefined
}

function unknown(type: string, where: Where): Homeless {
  return {
    path: where.file,
    what: `record of type ${type} in ${where.at ?? ''}`,
    why: 'Is no issue; it stays in this file.',
  }
}

/** What agents were told to remember holds for the whole project. */
function memory(value: Json, where: Where): BundleKnowledge[] {
  const { key, value: text, created_at, ...other } = parseShape(Memory, value, where)
  const at = created_at === undefined || created_at === null ? undefined : readDate(created_at)
  return pieces(text, 20_000).map((piece, index) => ({
    ref: index === 0 ? `memory:${key}` : `memory:${key}:${index + 1}`,
    kind: 'lesson',
    category: 'patterns',
    text: piece,
    ...(at !== undefined && { at }),
    extra: { key, ...otherFields(other, new Set(['_type'])) },
  }))
}
