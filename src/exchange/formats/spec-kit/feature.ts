import type { BundlePrd, BundleTask, Homeless } from '../../../../schemas/bundle.ts'
import type { PrdState } from '../../../../schemas/prd.ts'
import { splitLines } from '../../../spec/markdown/markdown-line.ts'
import { scanMarkdown } from '../../../spec/markdown/markdown-scan.ts'
import { extractRequirements } from '../../../spec/requirement/extract.ts'
import type { SourceFile } from '../../format.ts'
import { checkBody, documentPrd, furtherState, stateOfWord, titleOf, titleOfName } from '../document/document-prd.ts'
import type { Json } from '../reading/json.ts'
import type { LooseEnds } from '../reading/loose-ends.ts'
import { stateByTasks } from '../reading/state.ts'
import { type ReadTasks, readTasks } from './tasks.ts'

/** The files of one feature, by their path in its folder. */
export interface FeatureFiles {
  readonly folder: string
  readonly files: Map<string, SourceFile>
}

export interface Feature {
  readonly prds: readonly BundlePrd[]
  readonly tasks: readonly BundleTask[]
  readonly homeless: readonly Homeless[]
}

/** Larger ones are samples of data and no specification. */
const MAX_DOCUMENT = 200_000

/** The spec as a PRD with the plan below it; what stands beside them is kept whole with the plan. */
export function readFeature({ folder, files }: FeatureFiles, loose: LooseEnds): Feature {
  const spec = files.get('spec.md')
  const plan = files.get('plan.md')
  const tasksFile = files.get('tasks.md')
  const ref = spec?.path ?? plan?.path ?? tasksFile?.path ?? folder
  const name = folder.slice(folder.lastIndexOf('/') + 1) || 'feature'
  const body = spec?.text ?? plan?.text ?? `# ${titleOfName(name)}\n`
  checkBody(ref, body)
  const read: ReadTasks =
    tasksFile === undefined
      ? { tasks: [], prose: '', homeless: [] }
      : readTasks({ file: tasksFile, folder, prd: ref, requirements: extractRequirements(body).requirements, loose })
  const fields = fieldsOf(body)
  const worked = stateByTasks(
    read.tasks.map(({ status, notes }) => ({
      status,
      begun: notes.some(({ text }) => text.startsWith('was in progress')),
    })),
  )
  const written = fields.status === undefined ? undefined : stateOfWord(fields.status)
  const state: PrdState = written === undefined ? worked : furtherState(written, worked)
  const { documents, homeless } = documentsOf(files)
  const remaining: Record<string, Json> = {
    ...(Object.keys(documents).length > 0 && { documents }),
    ...(read.prose !== '' && { 'tasks.md': read.prose }),
  }
  const own: Record<string, Json> = {
    feature: name,
    ...(fields.branch !== undefined && { branch: fields.branch }),
    ...(fields.status !== undefined && fields.status.toLowerCase() !== state && { status: fields.status }),
  }
  const created = { field: 'created', value: fields.created }
  const main = documentPrd({
    ref,
    title: (titleOf(body) ?? titleOfName(name)).replace(PREFIX, '') || titleOfName(name),
    kind: spec === undefined && plan !== undefined ? 'tech_spec' : 'prd',
    state,
    body,
    created,
    extra: plan === undefined || spec === undefined ? { ...own, ...remaining } : own,
  })
  const below =
    plan === undefined || spec === undefined
      ? []
      : [
          documentPrd({
            ref: plan.path,
            title: titleOf(plan.text) ?? `Implementation plan: ${main.title}`,
            kind: 'tech_spec',
            state,
            body: plan.text,
            parent: ref,
            created,
            extra: remaining,
          }),
        ]
  return { prds: [main, ...below], tasks: read.tasks, homeless: [...homeless, ...read.homeless] }
}

const PREFIX =
  /^(?:feature specification|feature spec|specification|feature|spec|implementation plan|tasks)\s*[:—–-]\s*/i

/** `**Status**: Draft` and its neighbours, as the template of a spec writes them above the text. */
function fieldsOf(body: string): {
  readonly status: string | undefined
  readonly created: string | undefined
  readonly branch: string | undefined
} {
  const head = scanMarkdown(splitLines(body).slice(0, 40)).lines
  const field = (name: RegExp): string | undefined => {
    for (const { kind, text } of head) {
      if (kind !== 'text' && kind !== 'item') continue
      const [, key = '', value = ''] = /^\*\*([^*]{1,40}?):?\*\*\s*:?\s*(.*)$/.exec(text) ?? []
      const plain = value.replace(/`/g, '').trim()
      if (name.test(key.trim()) && plain !== '' && !/^\[.*\]$/.test(plain)) return plain
    }
    return undefined
  }
  return {
    status: field(/^status$/i),
    created: field(/^(?:created|date)$/i),
    branch: field(/^(?:feature )?branch$/i),
  }
}

function documentsOf(files: ReadonlyMap<string, SourceFile>): {
  readonly documents: Record<string, Json>
  readonly homeless: readonly Homeless[]
} {
  const documents: Record<string, Json> = {}
  const homeless: Homeless[] = []
  for (const [name, { path, text }] of files) {
    if (name === 'spec.md' || name === 'plan.md' || name === 'tasks.md') continue
    if (text.length <= MAX_DOCUMENT) documents[name] = text
    else
      homeless.push({
        path,
        what: `document of ${text.length} characters`,
        why: 'It is too large to be kept with the plan; it stays in this file.',
      })
  }
  return { documents, homeless }
}
