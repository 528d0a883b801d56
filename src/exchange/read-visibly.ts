import { Bundle } from '../../schemas/bundle.ts'
import { hiddenIn, mapTexts, visible } from '../visible.ts'
import type { Format, SourceFile } from './format.ts'

/** Lines that are named; the others are counted. */
const NAMED = 10

/**
 * What files say as a person sees it, whatever they were written by: characters that only a model or a terminal would read are
 * taken out, and the bundle says of how many, and where.
 */
export function readVisibly(format: Format, files: readonly SourceFile[]): Bundle {
  const read = Bundle.parse(format.read(files))
  const seen = mapTexts(read, visible)
  const removed = [...read.prds, ...read.tasks, ...read.knowledge].flatMap((entry) => {
    const { characters, lines } = hiddenIn(textsOf(entry).join('\n'))
    return characters === 0 ? [] : [{ ref: entry.ref, characters, lines }]
  })
  const bundle = Bundle.parse(seen)
  return {
    ...bundle,
    homeless: [
      ...bundle.homeless,
      ...removed.map(({ ref, characters, lines }) => ({
        path: visible(ref),
        what: `${characters} invisible or direction-changing character(s)`,
        why: `taken out of ${placesIn(files, lines.length)}: a model would read them, and no person sees them`,
      })),
    ],
  }
}

function textsOf(value: unknown): string[] {
  const texts: string[] = []
  mapTexts(value, (text) => {
    texts.push(text.replace(/^\uFEFF/, ''))
    return text
  })
  return texts
}

/** Files and lines; where a file writes them as escapes, the lines of the text. */
function placesIn(files: readonly SourceFile[], lines: number): string {
  const places = files.flatMap(({ path, text }) => hiddenIn(text).lines.map((line) => `${visible(path)}:${line}`))
  if (places.length === 0) return `${lines} line(s) of its texts`
  const more = places.length - NAMED
  return `its texts (${places.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''})`
}
