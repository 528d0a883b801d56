import { stringify } from 'yaml'
import type { Bundle, BundlePrd, BundleTask } from '../../../../schemas/bundle.ts'
import type { SourceFile } from '../../format.ts'
import { escapeHeadings, MANIFEST, withMarker } from './files.ts'

/** The bundle as one JSON file. */
export function writeJson(bundle: Bundle): string {
  return `${JSON.stringify(bundle, undefined, 2)}\n`
}

/** The bundle as a folder that people read: a file a PRD, its tasks beside it, lessons, and what is no PRD's. */
export function writeMarkdown(bundle: Bundle): readonly SourceFile[] {
  const tasksOf = Map.groupBy(bundle.tasks, (task) => task.prd)
  const loose = tasksOf.get(undefined) ?? []
  return [
    { path: MANIFEST, text: `${JSON.stringify({ format: 'speki', workspace: bundle.workspace }, undefined, 2)}\n` },
    ...bundle.prds.flatMap((prd) => {
      const name = fileNameOf(prd)
      const tasks = tasksOf.get(prd.ref) ?? []
      return [
        { path: `${name}.md`, text: writePrd(prd) },
        ...(tasks.length > 0
          ? [{ path: `${name}.tasks.md`, text: writeTasks(`Tasks of ${prd.ref}: ${prd.title}`, prd.ref, tasks) }]
          : []),
      ]
    }),
    ...(loose.length > 0 ? [{ path: 'tasks.md', text: writeTasks('Tasks without a PRD', undefined, loose) }] : []),
    ...(bundle.knowledge.length > 0 ? [{ path: 'knowledge.md', text: writeKnowledge(bundle) }] : []),
  ]
}

/** `PRD-7-gift-cards`: the key finds it, the rest tells people. */
function fileNameOf({ ref, title }: Pick<BundlePrd, 'ref' | 'title'>): string {
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu)
  const slug = (words ?? []).join('-').slice(0, 50).replace(/-$/, '')
  const key = ref.replace(/[^\w.-]+/g, '-')
  return slug === '' ? key : `${key}-${slug}`
}

function writePrd({ body, ...record }: BundlePrd): string {
  return withMarker(body, { ...record, created_at: time(record.created_at), updated_at: time(record.updated_at) })
}

function writeTasks(title: string, prd: string | undefined, tasks: readonly BundleTask[]): string {
  const parts = tasks.map((task) => {
    const { ref, title: name, description, prd: _, ...fields } = task
    const shown = {
      ...fields,
      created_at: time(fields.created_at),
      updated_at: time(fields.updated_at),
      finished_at: time(fields.finished_at),
      notes: fields.notes.map((note) => ({ ...note, at: time(note.at) })),
    }
    return `## ${ref}: ${name}\n\n${block(shown)}\n\n${escapeHeadings(description)}\n`
  })
  return withMarker(`# ${title}\n\n${parts.join('\n')}`, prd === undefined ? {} : { prd })
}

function writeKnowledge({ knowledge }: Bundle): string {
  const parts = knowledge.map(
    ({ ref, text, ...fields }) =>
      `## ${ref}\n\n${block({ ...fields, at: time(fields.at), resolved_at: time(fields.resolved_at) })}\n\n${escapeHeadings(text)}\n`,
  )
  return withMarker(`# Knowledge\n\n${parts.join('\n')}`, {})
}

/** A YAML block of what says something; its fence is longer than any inside. */
function block(fields: Readonly<Record<string, unknown>>): string {
  const telling = Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && !isEmpty(value)),
  )
  const yaml = stringify(telling, { lineWidth: 0 })
  const longest = Math.max(2, ...[...yaml.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}yaml\n${yaml}${fence}`
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function time(instant: number | undefined): string | undefined {
  return instant === undefined ? undefined : new Date(instant).toISOString()
}
