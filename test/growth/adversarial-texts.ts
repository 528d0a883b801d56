/** A text of about so many characters; the same for the same size. */
export interface AdversarialText {
  readonly name: string
  readonly make: (characters: number) => string
}

/** What patterns and scanners look for: opened and never closed, doubled, alternating, of any script. */
const TOKENS: readonly string[] = [
  '[', ']', '(', '{', '*', '**', '_', '__', '`', '``', '```', '~', '~~~', '<', '<!--', '<!-- -->', '-->', '<a ', '<a id=', '<pre>', '"', '"a" ', '“', "'", '|', '|-',
  '|a', '#', '# ', '- ', '1. ', '>', '> ', ' ', '\t', '\\', '\\|', '![', '[]', '[](', '[a](#b)', '[a][b]', '](', '{{', '[repo: a', '[repo:', '@a ', '(`a, ', '@a/',
  'eyJ', 'eyJaaaaaaaaaaa.', 'sk-', 'speki_', 'password=', 'password="', '://', '://a', '://a:b', 'Bearer ', 'ghp_', '/', 'token: "', 'token(', '&sig=', 'curl -u a:', 'Cookie: a=', '-----BEGIN RSA PRIVATE KEY-----', 'kind: Secret\ndata:\n  a: b\n',
  'a', 'A', 'a ', 'A ', 'é', 'e\u0301', '字', '😀',
  '\u200B', '\u00A0', '1', '1 ', '1.', '1,000 ', '5 ms ', 'FR-1', 'FR-1 ', 'FR-1: ', 'FR1, ', 'AC-1 (FR-1): ', 'Given a ', 'When a ', 'Then a ', 'given when then ',
  'shall ', 'must send and send ', 'if a, ', 'As a user, I want ', 'as a ', 'see section "', 'section 1 ', '[NEEDS CLARIFICATION', '[NEEDS CLARIFICATION: [a', 'TBD: ',
  'TBD: a', 'open question: ', '...', '. A', '! A', '? ', ', ', ';', ': ', '---', '***', '===', '- [ ] ', '- [x] a ', 'at most 5 ', 'as well as ', 'refuse ', 'goal: ',
  'in the ', '/* ', '// ', '"""', "'''", 'assert ', 'def test', 'class ', 'it(', 'test.each(', 'expect(', 'assert.equal(a, ', '#[test', 'catch (', 'a: &a ', '*a ', 'a.b.',
  'a/', 'a-', '../', 'src/a.ts ', '\uFEFF', '\u0000', '\u{E0041}', '& ', 'a: b ', 'x.should', 'as any ', 'process.exit(', 'except a', 'if (true) return', '@Test ',
] // biome-ignore format: a table

/** Where tokens stand: `each` gives one line or block, numbered. */
const FRAMES: readonly { readonly name: string; readonly make: (token: string, characters: number) => string }[] = [
  { name: 'one line', make: (token, characters) => token.repeat(Math.ceil(characters / token.length)) },
  { name: 'lines', make: (token, characters) => filled(characters, () => `${token}\n`) },
  { name: 'numbered lines', make: (token, characters) => filled(characters, (at) => `${token}${at}\n`) },
  { name: 'paragraphs', make: (token, characters) => filled(characters, (at) => `${token} w${at}\n\n`) },
  {
    name: 'one requirement',
    make: (token, characters) =>
      `${HEAD}- FR-1: The api shall ${token.repeat(Math.ceil(characters / token.length))} end.\n`,
  },
  {
    name: 'requirements',
    make: (token, characters) =>
      filled(characters, (at) => `- FR-${at}: The api shall list ${token} w${at} within ${at} s.\n`, HEAD),
  },
  { name: 'items', make: (token, characters) => filled(characters, () => `- ${token}\n`, HEAD) },
  { name: 'headings', make: (token, characters) => filled(characters, () => `## ${token}\n`, '# T\n') },
  {
    name: 'full headings',
    make: (token, characters) => filled(characters, (at) => `## ${token} ${at}\n\n${token} text\n\n`, '# T\n'),
  },
  {
    name: 'deep headings',
    make: (token, characters) =>
      filled(characters, (at) => `${'#'.repeat(1 + (at % 6))} ${token} ${at}\n${token}\n`, '# T\n'),
  },
  {
    name: 'nested items',
    make: (token, characters) => filled(characters, (at) => `${'  '.repeat(at % 45)}- ${token} ${at}\n`, HEAD),
  },
  {
    name: 'a table',
    make: (token, characters) =>
      filled(
        characters,
        (at) => `| FR-${at} | The api shall ${token} ${at} |\n`,
        `${HEAD}| ID | Requirement |\n|-|-|\n`,
      ),
  },
  {
    name: 'one cell',
    make: (token, characters) =>
      `${HEAD}| ID | Requirement |\n|-|-|\n| FR-1 | ${token.repeat(Math.ceil(characters / token.length))} |\n`,
  },
  {
    name: 'a wide table',
    make: (token, characters) => {
      const row = (cell: string): string => `${`|${cell}`.repeat(Math.ceil(characters / 4 / (cell.length + 1)))}|\n`
      return `${HEAD}${row(token.trim() || 'a')}${row('-')}${row('b')}`
    },
  },
  {
    name: 'open sections',
    make: (token, characters) =>
      filled(
        characters,
        (at) => `## ${['Goals', 'Flows', 'API', 'Errors', 'Glossary', 'Open questions'][at % 6]}\n- ${token} ${at}\n`,
        HEAD,
      ),
  },
  {
    name: 'stories',
    make: (token, characters) =>
      filled(
        characters,
        (at) =>
          `### FR-${at}: ${token}\nAs a user, I want ${token}.\n\n- Given ${token}, when w${at}, then the page shows ${at}.\n`,
        HEAD,
      ),
  },
  {
    name: 'front matter',
    make: (token, characters) => `---\n${filled(characters, (at) => `k${at}: ${token}\n`)}---\n# T\n`,
  },
]

const HEAD = '# T\n\n## Requirements\n\n'

/** Texts that once took minutes. */
const KNOWN: readonly (readonly [frame: string, token: string])[] = [
  ['headings', 'a'],
  ['a wide table', 'a'],
  ['one line', 'eyJ'],
  ['one line', ' '],
  ['one line', 'a'],
  ['lines', ''],
  ['one line', 'catch ('],
  ['lines', '/* '],
  ['requirements', 'must send and send '],
  ['requirements', 'invoices'],
  ['one requirement', '5 ms '],
  ['stories', '[a](#b)'],
  ['front matter', 'A'],
  ['one line', '\u001B]'],
  ['numbered lines', '\u001B]8;;'],
  ['one line', '\u001B[1;'],
]

/** Every tenth of all pairs of a token and a frame, so that each token stands in one or two frames; and those that are known. */
export const adversarialTexts: readonly AdversarialText[] = FRAMES.flatMap(({ name, make }, frame) =>
  [
    ...TOKENS.filter((_, index) => (frame * TOKENS.length + index) % 10 === 0),
    ...KNOWN.flatMap(([place, token]) => (place === name ? token : [])),
  ].map((token) => ({
    name: `${JSON.stringify(token)} in ${name}`,
    make: (characters: number) => make(token, characters),
  })),
)

function filled(characters: number, each: (at: number) => string, head = ''): string {
  const parts = [head]
  for (let at = 1, length = head.length; length < characters; at++) {
    const part = each(at)
    parts.push(part)
    length += part.length
  }
  return parts.join('')
}
