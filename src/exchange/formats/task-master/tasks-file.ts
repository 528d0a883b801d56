import { z } from 'zod'
import type { Homeless } from '../../../../schemas/bundle.ts'
import type { SourceFile } from '../../format.ts'
import { AnyJson, type Json, otherFields, parseJson, parseShape } from '../reading/json.ts'
import { refuse } from '../reading/refusal.ts'

const Id = z.union([z.number(), z.string().trim().min(1, 'an id is empty').max(100)]).transform(String)
const Text = z.string().nullish()
const Texts = z.union([z.string(), z.array(z.string())]).nullish()

export const MasterTask = z
  .object({
    id: Id,
    title: z.string(),
    description: Text,
    details: Text,
    testStrategy: Texts,
    acceptanceCriteria: Texts,
    status: z.string().nullish(),
    priority: z.string().nullish(),
    dependencies: z.array(Id).nullish(),
    assignee: Text,
    complexity: z.union([z.number(), z.string()]).nullish(),
    relevantFiles: z.array(z.object({ path: z.string(), action: z.string().nullish() }).catchall(AnyJson)).nullish(),
    createdAt: Text,
    updatedAt: Text,
    completedAt: Text,
    /** Looked at one by one, so that a fault is found at its task. */
    subtasks: z.array(AnyJson).nullish(),
  })
  .catchall(AnyJson)
export type MasterTask = z.infer<typeof MasterTask>

const TagBody = z
  .object({ tasks: z.array(AnyJson), metadata: z.record(z.string(), AnyJson).nullish() })
  .catchall(AnyJson)

/** A tag as the file has it. */
export interface TagSource {
  readonly file: string
  readonly name: string
  readonly title: string
  readonly tasks: readonly Json[]
  /** Where the tasks stand in the file. */
  readonly place: string
  readonly metadata: Readonly<Record<string, Json>>
  /** Fields beside tasks and metadata. */
  readonly other: Json | undefined
}

/** The name that Task Master gives to the tasks of a file without tags. */
const UNTAGGED = 'master'

export function readTags(file: SourceFile): {
  readonly tags: readonly TagSource[]
  readonly homeless: readonly Homeless[]
} {
  const where = { file: file.path }
  const value = parseJson(file.text, where)
  if (Array.isArray(value)) return { tags: [tagOf(file.path, UNTAGGED, { tasks: value }, '')], homeless: [] }
  if (typeof value !== 'object' || value === null)
    return refuse(where, 'this is no list of tasks.', 'Run the import in the folder of a Task Master project.')
  const tagged = Object.entries(value).filter(([, body]) => isTag(body))
  if ('tasks' in value) {
    if (tagged.length > 0)
      refuse(
        where,
        `tasks stand beside the tags ${tagged.map(([name]) => name).join(', ')}.`,
        'Move them into a tag and import again.',
      )
    return { tags: [tagOf(file.path, UNTAGGED, value, '')], homeless: [] }
  }
  if (tagged.length === 0 && Object.keys(value).length > 0)
    refuse(where, 'no field of it holds tasks.', 'Run the import in the folder of a Task Master project.')
  const homeless = Object.entries(value)
    .filter(([, body]) => !isTag(body))
    .map(([name]) => ({ path: file.path, what: `field ${name}`, why: 'Is no tag; it stays in this file.' }))
  return { tags: tagged.map(([name, body]) => tagOf(file.path, name, body, name)), homeless }
}

function isTag(value: Json): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'tasks' in value
}

function tagOf(file: string, name: string, value: Json, place: string): TagSource {
  const body = parseShape(TagBody, value, { file }, place)
  const other = otherFields(body, new Set(['tasks', 'metadata']))
  const meta = other['meta']
  const metadata = { ...(typeof meta === 'object' && !Array.isArray(meta) ? meta : {}), ...body.metadata }
  if (meta !== undefined && typeof meta === 'object' && !Array.isArray(meta)) delete other['meta']
  const title = [metadata['projectName'], metadata['name'], name].find(
    (text) => typeof text === 'string' && text.trim() !== '',
  )
  return {
    file,
    name,
    title: String(title ?? UNTAGGED),
    tasks: body.tasks,
    place: place === '' ? 'tasks' : `${place}.tasks`,
    metadata,
    other: Object.keys(other).length > 0 ? other : undefined,
  }
}
