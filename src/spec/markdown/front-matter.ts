import { parse } from 'yaml'
import { z } from 'zod'
import type { MarkdownLine } from './markdown-line.ts'

/** Larger ones are data in disguise and would cost more than the document. */
const MAX_CHARACTERS = 64 * 1024

const FrontMatter = z.record(z.string(), z.unknown())

/** The YAML mapping at the very start and the number of lines it takes; broken YAML counts as an empty one. */
export function readFrontMatter(lines: readonly MarkdownLine[]): { values: Record<string, unknown>; length: number } {
  if (lines[0]?.text.trimEnd() !== '---') return { values: {}, length: 0 }
  const close = lines.findIndex((line, index) => index > 0 && /^(?:---|\.\.\.)\s*$/.test(line.text))
  if (close === -1) return { values: {}, length: 0 }
  const source = lines
    .slice(1, close)
    .map((line) => line.text)
    .join('\n')
  return { values: source.length > MAX_CHARACTERS ? {} : parseMapping(source), length: close + 1 }
}

function parseMapping(source: string): Record<string, unknown> {
  try {
    // Without aliases: some that stand for each other take minutes. Through JSON, which has no dates.
    const plain: unknown = JSON.parse(JSON.stringify(parse(source, { logLevel: 'error', maxAliasCount: 0 }) ?? {}))
    return FrontMatter.safeParse(plain).data ?? {}
  } catch {
    return {}
  }
}
