import type { PrdKind } from '../../../../schemas/prd.ts'

const WORDS: readonly (readonly [PrdKind, RegExp])[] = [
  [
    'tech_spec',
    /^(?:tech|tech spec|technical|technical spec|technical specification|technical design|design|design doc|tech design)$/,
  ],
  ['bug', /^(?:bug|bugfix|bug fix|bug report|defect)$/],
  ['prd', /^(?:prd|spec|specification|product spec|feature|feature spec|requirements|product requirements)$/],
]

/** What people call kinds of documents, in front matter and in names of files; undefined for any other word. */
export function kindOf(word: string): PrdKind | undefined {
  const plain = word
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
  return WORDS.find(([, pattern]) => pattern.test(plain))?.[0]
}
