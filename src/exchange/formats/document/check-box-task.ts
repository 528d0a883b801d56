import type { BundleTask } from '../../../../schemas/bundle.ts'
import type { Json } from '../reading/json.ts'
import { toTask } from '../reading/task.ts'
import type { CheckBox } from './check-boxes.ts'

const STATUS: Readonly<Record<string, string>> = { x: 'done', '-': 'cancelled', '~': 'in progress', '/': 'in progress' }

export interface CheckBoxTask {
  readonly file: string
  /** As people call the tool. */
  readonly tool: string
  readonly box: CheckBox
  readonly ref: string
  /** Number or id in front of the text; absent where there is none. */
  readonly alias: string | undefined
  readonly prd: string
  readonly title: string
  readonly acceptanceCriteria?: readonly string[]
  readonly files?: readonly string[]
  readonly references?: readonly string[]
  readonly dependsOn?: readonly string[]
  readonly extra?: Readonly<Record<string, Json>>
}

/** A check box as a task; the lines under it describe it. What is cut to fit is kept whole in `extra`. */
export function checkBoxTask(source: CheckBoxTask): BundleTask {
  const { box, alias } = source
  const { alias: given, ...task } = toTask({
    where: { file: source.file, at: `line ${box.line}` },
    tool: source.tool,
    ref: source.ref,
    alias: alias ?? '',
    prd: source.prd,
    title: { field: 'title', value: source.title },
    status: { field: 'box', value: STATUS[box.mark] ?? 'todo' },
    passages: [{ field: 'description', value: box.more.join('\n') }],
    acceptanceCriteria: [{ field: 'criteria', value: source.acceptanceCriteria }],
    testCases: [],
    files: [{ field: 'files', value: source.files }],
    references: [{ field: 'references', value: source.references }],
    notes: [],
    dependsOn: source.dependsOn ?? [],
    complexity: 'medium',
    priority: 50,
    created: { field: 'created', value: undefined },
    updated: { field: 'updated', value: undefined },
    finished: { field: 'finished', value: undefined },
    extra: { ...(box.headings.length > 0 && { section: [...box.headings] }), ...source.extra },
  })
  return { ...task, ...(alias !== undefined && { alias: given ?? alias }) }
}
