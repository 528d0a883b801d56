import { existsSync } from 'node:fs'
import { z } from 'zod'
import { knowledgeSearch } from '../../operations/knowledge/knowledge-search.ts'
import type { Operation } from '../../operations/operation.ts'
import { asKnown } from '../../operations/outside.ts'
import { prdList } from '../../operations/prd/prd-list.ts'
import { runStatus } from '../../operations/run/run-status.ts'
import { spekiStatus } from '../../operations/status/speki-status.ts'
import { taskList } from '../../operations/task/task-list.ts'
import type { CallOperation, Session } from '../session.ts'
import type { Candidate, Kind } from './candidates.ts'

/** Whoever presses the key does not wait longer. */
const PATIENCE_MS = 1500
const PAGE = 100

const Title = z.object({ id: z.string(), title: z.string() }).transform(({ id, title }) => ({ text: id, about: title }))

interface Source {
  readonly operation: Operation
  readonly args: Record<string, unknown>
  readonly answer: z.ZodType<readonly Candidate[]>
}

const SOURCES: Readonly<Record<Exclude<Kind, 'file'>, Source>> = {
  prd: {
    operation: prdList,
    args: { limit: PAGE },
    answer: z.object({ prds: z.array(Title) }).transform(({ prds }) => prds),
  },
  task: {
    operation: taskList,
    args: { limit: PAGE },
    answer: z.object({ tasks: z.array(Title) }).transform(({ tasks }) => tasks),
  },
  run: {
    operation: runStatus,
    args: {},
    answer: z.object({ runs: z.array(Title) }).transform(({ runs }) => runs),
  },
  changeset: {
    operation: runStatus,
    args: {},
    answer: z
      .object({ runs: z.array(z.object({ change_set: z.string(), title: z.string() })) })
      .transform(({ runs }) => runs.map(({ change_set, title }) => ({ text: change_set, about: title }))),
  },
  knowledge: {
    operation: knowledgeSearch,
    args: { limit: PAGE },
    answer: z
      .object({ entries: z.array(z.object({ id: z.string(), text: z.string() })) })
      .transform(({ entries }) => entries.map(({ id, text }) => ({ text: id, about: text }))),
  },
  repository: {
    operation: spekiStatus,
    args: {},
    answer: z
      .object({ repositories: z.array(z.object({ name: z.string() })) })
      .transform(({ repositories }) => repositories.map(({ name }) => ({ text: name, about: '' }))),
  },
}

/** Keys of a kind, as far as the database tells them at once; none where it is missing, in use or unreadable. */
export async function keysOf(
  kind: Exclude<Kind, 'file'>,
  session: Session,
  call: CallOperation,
): Promise<readonly Candidate[]> {
  const { databaseUrl, databaseFile } = session.config
  // Looking at what could be typed makes no database.
  if (databaseUrl === undefined && !existsSync(databaseFile)) return []
  const { operation, args, answer } = SOURCES[kind]
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE_MS, undefined).unref())
  // A prompt is no place to tell what is wrong with the database: every other command does.
  const asked = call(session, operation, args).catch((error: unknown) => {
    if (asKnown(error) === undefined) throw error
    return undefined
  })
  const output = await Promise.race([asked, late])
  return output === undefined ? [] : answer.parse(output)
}
