import { expect, test } from 'vitest'
import { markdown } from '../../src/exchange/formats/markdown.ts'
import { processorTime } from '../processor-time.ts'
import { at, readFiles, readProject, refusalOf } from './vendor-project.ts'

const file = (text: string, path = 'docs/a.md') => ({ path, text })

test('a file with requirements is a PRD, word for word', () => {
  expect(readProject(markdown, 'markdown/small').prds).toEqual([
    {
      ref: 'alarm.md',
      title: 'Alarm clock',
      kind: 'prd',
      state: 'draft',
      body: '# Alarm clock\n\n- The clock MUST ring at the set time.\n- The clock MUST stop when touched.\n',
      repositories: [],
      owners: [],
      extra: {},
    },
  ])
})

test('front matter, names and words say what a document is', () => {
  const { prds } = readProject(markdown, 'markdown/rich')
  expect(prds.map(({ ref, title, kind, state, parent, extra }) => [ref, title, kind, state, parent, extra])).toEqual([
    ['checkout.prd.md', 'Checkout without account', 'prd', 'in_progress', undefined, { team: 'blue' }],
    [
      'design/checkout.tech.md',
      'How the checkout works',
      'tech_spec',
      'draft',
      'checkout.prd.md',
      { status: 'half done', created: 'last week' },
    ],
    ['double-charge.md', 'Double charge', 'bug', 'draft', undefined, { parent: 'nowhere' }],
    ['lost-mail.md', 'Mail is lost', 'bug', 'draft', undefined, {}],
  ])
  expect(prds[0]).toMatchObject({
    owners: ['ana', 'ben'],
    repositories: ['shop'],
    created_at: at('2026-02-03T00:00:00Z'),
    updated_at: at('2026-02-10T08:00:00Z'),
  })
  expect(prds[0]?.body.startsWith('---\ntitle: Checkout without account\n')).toBe(true)
})

test('documents that are no spec are named with the reason', () => {
  const { homeless } = readProject(markdown, 'markdown/rich')
  expect(homeless.map(({ path, why }) => `${path}: ${why}`)).toEqual([
    'CHANGELOG.md: CHANGELOG.md is about the project and no spec; it stays in this file.',
    'README.md: README.md is about the project and no spec; it stays in this file.',
    'notes/meeting.md: It states no requirement; give it "kind: prd" in front matter to bring it along. It stays in this file.',
  ])
})

test('a single file is taken whatever it says', () => {
  expect(readFiles(markdown, [file('Tea at four.\n', 'README.md')]).prds).toMatchObject([
    { ref: 'README.md', title: 'README', body: 'Tea at four.\n' },
  ])
})

test('a rule at the start is no front matter', () => {
  for (const text of ['---\n\nProse.\n\n---\n', '---\n# Title\n\n- It MUST work.\n', '---\n# Title\nNote: this\n'])
    expect(readFiles(markdown, [file(text, 'a.md')]).prds[0]?.body).toBe(text)
})

test('a folder brings a document that is too large to no harm', () => {
  const bundle = readFiles(markdown, [
    file('- It MUST work.\n'.repeat(80_000)),
    file('# B\n\n- It MUST work.\n', 'docs/b.md'),
  ])
  expect(bundle.prds.map(({ ref }) => ref)).toEqual(['docs/b.md'])
  expect(bundle.homeless).toMatchObject([{ path: 'docs/a.md', why: expect.stringContaining('1048576 bytes') }])
})

test('a title too long is cut at a word and kept whole', () => {
  const title = 'word '.repeat(100).trim()
  const [prd] = readFiles(markdown, [file(`# ${title}\n`, 'a.md')]).prds
  expect(prd?.title).toMatch(/^word .* word…$/)
  expect(prd?.extra).toEqual({ title })
})

test.each([
  ['front matter without end', '---\ntitle: a\n', 'docs/a.md, line 1: the front matter does not end'],
  ['broken YAML', '---\ntitle: a\nkind: "x\n---\n', 'docs/a.md, line '],
  ['a field twice', '---\ntitle: a\ntitle: b\n---\n', 'docs/a.md, line 3'],
  ['a prototype key', '---\ntitle: a\n__proto__: {b: 1}\n---\n', '__proto__'],
  ['deep nesting', `---\ntitle: ${'['.repeat(150)}${']'.repeat(150)}\n---\n`, 'more than 64 deep'],
  ['nesting without end', `---\ntitle: ${'{a: '.repeat(5000)}\n---\n`, 'nested 5000 deep'],
  ['front matter of megabytes', `---\ntitle: ${'x'.repeat(300_000)}\n---\n`, '65536 characters'],
  ['a path too long', '---\nkind: prd\n---\n', '300 characters'],
])('%s is refused', (what, text, message) => {
  const path = what === 'a path too long' ? `docs/${'a'.repeat(300)}.md` : 'docs/a.md'
  expect(refusalOf(markdown, [file(text, path)]).message).toContain(message)
})

test('2,000 documents are read in seconds', () => {
  const files = Array.from({ length: 2000 }, (_, index) =>
    file(
      `---\nkind: prd\nstatus: draft\n---\n# Document ${index}\n\n${'- **FR-1**: It MUST work.\n'.repeat(5)}`,
      `docs/${index}.md`,
    ),
  )
  const { value, ms } = processorTime(() => markdown.read(files))
  console.log(`Markdown: 2,000 documents read in ${Math.round(ms)} ms`)
  expect(value.prds).toHaveLength(2000)
  expect(ms).toBeLessThan(10_000)
})
