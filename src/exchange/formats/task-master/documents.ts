import { splitLines } from '../../../spec/markdown/markdown-line.ts'
import { scanMarkdown } from '../../../spec/markdown/markdown-scan.ts'
import type { SourceFile } from '../../format.ts'
import { checkJson } from '../reading/json.ts'

const DOCUMENT = /^(?:\.taskmaster\/docs|scripts)\/(?:.*\/)?([^/]+)\.(?:txt|md)$/
const PRD = /(?:^|[-_.\s])prd(?:$|[-_.\s])/i

/** A document that was written to cut tasks from. */
export interface TagDocument {
  readonly path: string
  readonly name: string
  /** Its heading; none where it begins with something else. */
  readonly title: string | undefined
  readonly text: string
}

/** Each tag's document, where exactly one can be meant, and those that are no tag's. */
export function readDocuments(
  files: readonly SourceFile[],
  tags: readonly string[],
): {
  readonly byTag: ReadonlyMap<string, TagDocument>
  readonly others: readonly TagDocument[]
  readonly used: ReadonlySet<string>
} {
  const documents = files.flatMap(({ path, text }): (TagDocument & { readonly of: string })[] => {
    const name = DOCUMENT.exec(path)?.[1]
    if (name === undefined || !PRD.test(name) || /example|template/i.test(name) || text.trim() === '') return []
    checkJson(text, { file: path })
    return [
      { path, name, title: heading(text), text, of: slug(name.replace(PRD, '-').replace(/^[-_.\s]+|[-_.\s]+$/g, '')) },
    ]
  })
  const byTag = new Map<string, TagDocument>()
  for (const tag of tags) {
    const named = documents.filter((document) => document.of === slug(tag))
    const plain = tag === 'master' || tags.length === 1 ? documents.filter((document) => document.of === '') : []
    const only = tags.length === 1 ? documents : []
    const document = [named, plain, only].find((group) => group.length === 1)?.[0]
    if (document !== undefined && named.length <= 1) byTag.set(tag, document)
  }
  const used = new Set([...byTag.values()].map((document) => document.path))
  return {
    byTag,
    others: documents.filter((document) => !used.has(document.path)),
    used: new Set(documents.map((document) => document.path)),
  }
}

function heading(text: string): string | undefined {
  const { lines } = scanMarkdown(splitLines(text).slice(0, 400))
  const first = lines.find(({ kind }) => kind !== 'blank' && kind !== 'front matter' && kind !== 'comment')
  const title = first?.kind === 'heading' && first.level === 1 ? first.text : ''
  return title === '' || /^overview$/i.test(title) ? undefined : title
}

/** As Task Master writes a tag in the names of files; a name without Latin letters stays as it is. */
export function slug(name: string): string {
  const latin = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return latin === '' ? name : latin
}
