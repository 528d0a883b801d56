import type { Bundle, Homeless } from '../../../schemas/bundle.ts'
import type { Format, SourceFile } from '../format.ts'
import { readKnowledge } from './qala/knowledge.ts'
import { readProgress } from './qala/progress.ts'
import { inQueueOrder, readQueue } from './qala/queue.ts'
import { readSpecs } from './qala/specs.ts'
import { readTaskFiles } from './qala/tasks.ts'
import { byPath } from './reading/by-path.ts'
import { checkJson, parseJson } from './reading/json.ts'
import { collectLooseEnds } from './reading/loose-ends.ts'
import { withImplied } from './reading/order.ts'
import { refuseTooMany } from './reading/refusal.ts'

/** Logs of runs and reviews grow without end and say nothing about the specs. */
const OWN = /^\.speki\/(?:[^/]+\.(?:json|txt|md)|specs\/[^/]+\/(?:verdicts\/)?[^/]+\.json)$/
const SPEC = /^specs\/(?:.*\/)?[^/]+\.md$/i
const TYPED = /^specs\/(?:.*\/)?[^/]+\.(?:prd|tech|bug)\.md$/i

/** The first SPEKI, which came with the command qala. */
export const qala: Format = { name: 'qala', title: 'SPEKI (qala)', claims, read }

function claims(paths: readonly string[]): readonly string[] {
  return paths.some((path) => OWN.test(path) || TYPED.test(path))
    ? paths.filter((path) => OWN.test(path) || SPEC.test(path))
    : []
}

const QUEUE = '.speki/task-queue.json'
const KNOWLEDGE = '.speki/peer_feedback.json'
const PROGRESS = '.speki/progress.txt'
const IDS = '.speki/id-registry.json'

function read(claimed: readonly SourceFile[]): Bundle {
  const files = claimed.toSorted(byPath)
  for (const file of files) checkJson(file.text, { file: file.path })
  const find = (path: string): SourceFile | undefined => files.find((file) => file.path === path)
  const homeless: Homeless[] = []
  const specs = readSpecs(files, homeless)
  const loose = collectLooseEnds()
  const queue = readQueue(find(QUEUE), homeless)
  const { tasks, implied, refs } = readTaskFiles(specs, queue, loose, homeless)
  refuseTooMany('.speki/specs', tasks.length)
  loose.settle('Remove the dependencies, or bring the tasks back, and import again.')
  homeless.push(...loose.homeless())
  for (const { specId, taskId } of queue)
    if (!refs.has(taskId))
      homeless.push({
        path: QUEUE,
        what: `entry of the queue for ${taskId} of ${specId}`,
        why: 'Nothing has that id; it stays in this file.',
      })
  const knowledge = readKnowledge(find(KNOWLEDGE), refs)
  const progress = readProgress(find(PROGRESS), refs, homeless)
  for (const file of files) {
    if (file.path === IDS) homeless.push(registry(file, refs))
    else if (
      file.path.startsWith('.speki/') &&
      !file.path.startsWith('.speki/specs/') &&
      ![QUEUE, KNOWLEDGE, PROGRESS].includes(file.path)
    )
      homeless.push({ path: file.path, ...whatIs(file) })
  }
  return {
    format: 'qala',
    prds: [...specs.prds(tasks)],
    tasks: withImplied(
      '.speki/specs',
      inQueueOrder(tasks, queue, refs).map((task) => {
        const notes = progress.notes.get(task.ref) ?? []
        return notes.length === 0 ? task : { ...task, notes: [...task.notes, ...notes] }
      }),
      implied,
    ),
    knowledge: [...knowledge, ...progress.lessons],
    homeless,
  }
}

function registry(file: SourceFile, refs: ReadonlyMap<string, string>): Homeless {
  const value = parseJson(file.text, { file: file.path })
  const given = typeof value === 'object' && value !== null && !Array.isArray(value) ? value['allocated'] : undefined
  const ids = typeof given === 'object' && given !== null && !Array.isArray(given) ? Object.keys(given) : []
  const unused = ids.filter((id) => !refs.has(id))
  const named = unused.slice(0, 10).join(', ')
  return {
    path: file.path,
    what: `register of ${ids.length} ids${unused.length > 0 ? `, of which no task has ${named}${unused.length > 10 ? ' …' : ''}` : ''}`,
    why: 'SPEKI gives ids of its own; the old ones are aliases of the tasks. It stays in this file.',
  }
}

function whatIs(file: SourceFile): Omit<Homeless, 'path'> {
  const name = file.path.slice('.speki/'.length)
  if (!name.endsWith('.json')) return { what: 'text for agents', why: 'SPEKI brings its own; it stays in this file.' }
  const value = parseJson(file.text, { file: file.path })
  const fields = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []
  const listed = fields.length > 0 ? `: ${fields.slice(0, 12).join(', ')}` : ''
  if (name === 'config.json')
    return { what: `settings of the project${listed}`, why: 'A repository has its own; they stay in this file.' }
  if (/status|current-task/.test(name))
    return { what: `state of a run${listed}`, why: 'Runs are not carried on elsewhere; it stays in this file.' }
  return { what: `record${listed}`, why: 'Belongs to no spec; it stays in this file.' }
}
