import { z } from 'zod'
import { AnyJson, type Json, otherFields, parseShape } from '../reading/json.ts'
import type { Where } from '../reading/refusal.ts'

const Id = z.string().trim().min(1, 'an id is empty').max(200)
const Text = z.string().nullish()

const Dependency = z
  .object({ issue_id: Id.nullish(), depends_on_id: Id, type: z.string().default('blocks') })
  .catchall(AnyJson)
export type Dependency = z.infer<typeof Dependency>

const Comment = z.object({ author: Text, text: z.string(), created_at: Text }).catchall(AnyJson)

const Known = z.object({
  id: Id,
  title: z.string().nullish(),
  description: Text,
  design: Text,
  acceptance_criteria: Text,
  notes: Text,
  status: z.string().nullish(),
  priority: z.int().nullish(),
  issue_type: z.string().nullish(),
  assignee: Text,
  owner: Text,
  labels: z.array(z.string()).nullish(),
  dependencies: z.array(Dependency).nullish(),
  comments: z.array(Comment).nullish(),
  created_at: Text,
  updated_at: Text,
  closed_at: Text,
  close_reason: Text,
  defer_until: Text,
  is_template: z.boolean().nullish(),
})
const Issue = Known.catchall(AnyJson)

export const Memory = z
  .object({ key: z.string().trim().min(1).max(250), value: z.string().trim().min(1), created_at: Text })
  .catchall(AnyJson)

export type Bead = z.infer<typeof Known> & {
  /** Fields that nothing here knows. */
  readonly other: Readonly<Record<string, Json>>
  readonly where: Where
}

const KNOWN = new Set(Object.keys(Known.shape))

export function readBead(value: Json, where: Where): Bead {
  const issue = parseShape(Issue, value, where)
  return { ...issue, other: otherFields(issue, KNOWN), where }
}
