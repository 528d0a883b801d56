import { z } from 'zod'
import {
  Bundle,
  type BundleKnowledge,
  type BundlePrd,
  type BundleTask,
  withTodaysNames,
} from '../../../schemas/bundle.ts'
import { SpekiError } from '../../errors.ts'
import { hint, step } from '../../step.ts'
import type { Format, SourceFile } from '../format.ts'
import { yamlValues } from './reading/yaml.ts'
import {
  KnowledgeFields,
  MANIFEST,
  Manifest,
  PrdMarker,
  splitMarker,
  TaskFields,
  unescapeHeadings,
} from './speki/files.ts'

/** What SPEKI exports: one JSON file, or a folder of Markdown with speki.json in it. */
export const speki: Format = {
  name: 'speki',
  title: 'SPEKI',
  claims(paths) {
    const [only, ...others] = paths
    if (only !== undefined && others.length === 0 && /\.json$/.test(only) && /(?:^|[./-])speki|PRD-\d+/i.test(only))
      return [only]
    return paths.includes(MANIFEST)
      ? paths.filter((path) => path === MANIFEST || (path.endsWith('.md') && !path.includes('/')))
      : []
  },
  read(files) {
    const manifest = files.find(({ path }) => path === MANIFEST)
    const [only] = files
    if (manifest === undefined || files.length === 1) return readJson(only)
    const { workspace } = read(manifest.path, () => Manifest.parse(JSON.parse(manifest.text)))
    const bundle: Bundle = {
      format: 'speki',
      ...(workspace !== undefined && { workspace }),
      prds: [],
      tasks: [],
      knowledge: [],
      homeless: [],
    }
    for (const file of files) if (file !== manifest) readFile(file, bundle)
    return bundle
  },
}

function readJson(file: SourceFile | undefined): Bundle {
  if (file === undefined) return { format: 'speki', prds: [], tasks: [], knowledge: [], homeless: [] }
  return read(file.path, () => Bundle.parse(JSON.parse(file.text)))
}

function readFile({ path, text }: SourceFile, bundle: Bundle): void {
  const marked = splitMarker(text)
  if (marked === undefined) {
    bundle.homeless.push({
      path,
      what: 'a Markdown file',
      why: 'it has no record of SPEKI behind its text; import it by itself',
    })
    return
  }
  const { body, json } = marked
  if (path === 'knowledge.md') {
    for (const { title, fields, text: words } of entriesOf(path, body)) {
      bundle.knowledge.push(
        read(path, (): BundleKnowledge => ({ ref: title, ...KnowledgeFields.parse(fields), text: words })),
      )
    }
  } else if (path.endsWith('tasks.md')) {
    const { prd } = read(path, () => z.object({ prd: z.string().optional() }).parse(JSON.parse(json)))
    for (const { title, fields, text: description } of entriesOf(path, body)) {
      const colon = title.indexOf(': ')
      bundle.tasks.push(
        read(
          `${path}, ${title}`,
          (): BundleTask => ({
            ref: title.slice(0, colon),
            title: title.slice(colon + 2),
            description,
            ...(prd !== undefined && { prd }),
            ...TaskFields.parse(withTodaysNames(fields)),
          }),
        ),
      )
    }
  } else {
    bundle.prds.push(read(path, (): BundlePrd => ({ ...PrdMarker.parse(JSON.parse(json)), body })))
  }
}

/** `## heading`, a YAML block, text: again and again. */
function entriesOf(
  path: string,
  body: string,
): readonly { readonly title: string; readonly fields: unknown; readonly text: string }[] {
  return body
    .split(/^(?=## )/m)
    .slice(1)
    .map((part) => {
      const match = /^## ([^\n]+)\n\n(`{3,})yaml\n(.*?)\n?\2(?:\n|$)(.*)$/s.exec(part)
      if (match === null) {
        throw new SpekiError(
          'invalid_input',
          `${path}: "${part.slice(0, part.indexOf('\n')).slice(0, 80)}" has no block of fields under it.`,
          {
            hint: 'Keep the ```yaml block directly under each heading.',
          },
        )
      }
      const [, title = '', , yaml = '', text = ''] = match
      return {
        title,
        fields: yamlValues(yaml, `${path}, ${title}`),
        text: unescapeHeadings(text).trim(),
      }
    })
}

function read<T>(where: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof SpekiError) throw error
    const problem =
      error instanceof z.ZodError
        ? z.prettifyError(error).split('\n').slice(0, 3).join(' ')
        : error instanceof Error
          ? error.message.split('\n')[0]
          : 'unreadable'
    throw new SpekiError('invalid_input', `${where}: ${problem}`, {
      hint: hint`Mend the file, or export it again with ${step('prd_export')}.`,
    })
  }
}
