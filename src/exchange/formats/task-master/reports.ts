import { z } from 'zod'
import type { SourceFile } from '../../format.ts'
import { AnyJson, type Json, otherFields, parseJson, parseShape } from '../reading/json.ts'
import { slug } from './documents.ts'

const REPORT = /(?:^|\/)task-complexity-report(?:_([^/]+))?\.json$/

const Id = z.union([z.number(), z.string()]).transform(String)
const Rating = z.object({ taskId: Id.optional(), id: Id.optional() }).catchall(AnyJson)
const Report = z.object({ complexityAnalysis: z.array(Rating) }).catchall(AnyJson)

export interface TagReport {
  readonly meta: Json | undefined
  /** What the report says of a task; each is given out once. */
  readonly take: (id: string) => Json | undefined
}

/** Complexity reports, one a tag. */
export interface Reports {
  readonly of: (tag: string) => TagReport | undefined
  /** Ratings that no task took. */
  readonly unused: () => readonly { readonly path: string; readonly what: string }[]
}

/** @param files by path */
export function readReports(files: readonly SourceFile[]): Reports {
  const reports = new Map<string, { path: string; meta: Json | undefined; ratings: Map<string, Json> }>()
  const unused: { readonly path: string; readonly what: string }[] = []
  // The new folder's first: what an old one says of the same tag is out of date.
  for (const file of files) {
    const match = REPORT.exec(file.path)
    if (match === null) continue
    const where = { file: file.path }
    const report = parseShape(Report, parseJson(file.text, where), where)
    const tag = slug(match[1] ?? 'master')
    if (reports.has(tag)) {
      unused.push({ path: file.path, what: 'older complexity report' })
      continue
    }
    const other = otherFields(report, new Set(['complexityAnalysis']))
    const ratings = new Map<string, Json>()
    for (const rating of report.complexityAnalysis) {
      const id = rating.taskId ?? rating.id
      if (id === undefined || ratings.has(id))
        unused.push({ path: file.path, what: `second or nameless rating of task ${id ?? '?'}` })
      else ratings.set(id, otherFields(rating, new Set()))
    }
    reports.set(tag, { path: file.path, meta: Object.keys(other).length > 0 ? other : undefined, ratings })
  }
  return {
    of: (tag) => {
      const report = reports.get(slug(tag))
      if (report === undefined) return undefined
      const take = (id: string): Json | undefined => {
        const rating = report.ratings.get(id)
        report.ratings.delete(id)
        return rating
      }
      return { meta: report.meta, take }
    },
    unused: () => [
      ...unused,
      ...[...reports.values()].flatMap(({ path, ratings }) =>
        [...ratings.keys()].map((id) => ({ path, what: `complexity of task ${id}` })),
      ),
    ],
  }
}
