import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listSections } from '../../../src/documents/sections.ts'
import { readSections } from '../../../src/exchange/formats/backlog-md/sections.ts'
import { readCheckBoxes } from '../../../src/exchange/formats/document/check-boxes.ts'
import { readItems } from '../../../src/exchange/formats/reading/item-list.ts'
import type { Block } from '../../../src/spec/markdown/markdown-block.ts'
import { readOutline, type Section } from '../../../src/spec/markdown/outline.ts'
import { readProse } from '../../../src/spec/markdown/prose.ts'
import { runs } from '../../property-runs.ts'

/** What a line is to people who see the text rendered; `hidden` is code, a comment, a quote: nobody's own words. */
type Kind = 'heading' | 'item' | 'box' | 'text' | 'hidden'

/** Each line that is asked about carries a word that stands nowhere else: w1, w2 and so on. */
interface Case {
  readonly name: string
  readonly text: string
  readonly kinds: readonly Kind[]
}

function linesOf(text: string): readonly string[] {
  return text.replace(/^\uFEFF/, '').split(/\r\n?|\n/)
}

function wordsIn(text: string): readonly string[] {
  return text.match(/\bw\d+\b/g) ?? []
}

function seenByOutline(text: string): ReadonlyMap<string, Kind> {
  const seen = new Map<string, Kind>()
  const note = (words: string, kind: Kind): void => {
    for (const word of wordsIn(words)) seen.set(word, kind)
  }
  const visitBlock = (block: Block): void => {
    if (block.kind === 'heading') note(block.text, 'heading')
    else if (block.kind === 'paragraph') for (const line of block.lines) note(line.text, 'text')
    else if (block.kind === 'table')
      for (const row of [block.header, ...block.rows]) for (const cell of row.cells) note(cell, 'text')
    else {
      const [first, ...others] = block.own
      for (const line of others) note(line.text, 'text')
      if (first !== undefined) note(first.text, first.line === block.start ? (block.checkbox ? 'box' : 'item') : 'text')
      for (const child of block.children) visitBlock(child)
    }
  }
  const visit = (section: Section): void => {
    if (section.heading !== undefined) visitBlock(section.heading)
    for (const block of section.blocks) visitBlock(block)
    for (const inner of section.sections) visit(inner)
  }
  visit(readOutline(text).root)
  return seen
}

function headingsOf(text: string): readonly string[] {
  return listSections(text).flatMap(({ title }) => wordsIn(title))
}

function wordsInProse(text: string): readonly string[] {
  return readProse(readOutline(text).scan).prose.flatMap(wordsIn)
}

function boxesOf(text: string): readonly string[] {
  return readCheckBoxes(text).boxes.flatMap((box) => wordsIn(box.text))
}

function headingsAboveBoxes(text: string): readonly string[] {
  return readCheckBoxes(`${text}\n\n- [ ] last`).boxes.at(-1)?.headings.flatMap(wordsIn) ?? []
}

/** The lists of importers: items that stand in no other, each by its first line; a quote or comment in one is kept with it. */
function itemsOf(text: string): readonly string[] {
  return readItems(text).items.flatMap((item) => wordsIn(/^(?!>|<!--).*/.exec(item.text)?.[0] ?? ''))
}

/** Words in whose place the title of a section makes one to Backlog.md. */
function sectionsOfBacklog(text: string): readonly string[] {
  return wordsIn(text).filter((word) => {
    const lines = linesOf(text).map((line) => (line.includes(word) ? line.replace(word, 'Implementation Notes') : line))
    return readSections([...lines, '', 'END'].join('\n')).notes.includes('END')
  })
}

const F3 = '```'
const CASES: readonly (readonly [name: string, lines: readonly string[], kinds: string])[] = [
  ['a fence', [F3, '# w1', '- [ ] w2', F3, '# w3'], 'hidden hidden heading'],
  ['a fence with a longer mark', ['````', F3, '## w1', F3, '- w2', '````', '- w3'], 'hidden hidden item'],
  ['a fence of tildes', ['~~~ md', '## w1', F3, '- [x] w2', '~~~', '## w3'], 'hidden hidden heading'],
  ['a fence of backticks is not closed by tildes', [F3, '~~~', '- [ ] w1', F3, '- [ ] w2'], 'hidden box'],
  ['a fence is not closed with words behind the mark', [F3, '``` js', '## w1', F3, '## w2'], 'hidden heading'],
  ['a fence that is never closed', ['- w1', '', F3, '## w2', '- [ ] w3', '<!--'], 'item hidden hidden'],
  ['a closing mark indented as code is code', [F3, '    ```', '## w1', F3, '## w2'], 'hidden heading'],
  ['backticks with a backtick behind them open no fence', ['``` a`b', '', '## w1'], 'heading'],
  ['a fence inside an item', ['- w1', '  ```', '  ## w2', '- [ ] w3', '  ```', '- [ ] w4'], 'item hidden box box'],
  ['a fence that opens behind a marker', ['- ```', '  - [ ] w1', '  ```', '- [ ] w2'], 'hidden box'],
  ['a fence ends with its item', ['1. w1', '   ```', '   w2', '', '## w3', '- [ ] w4'], 'item hidden heading box'],
  ['a fence behind a number', ['1. ```sh', '   # w1', '   ```', '2. w2'], 'hidden item'],
  ['a fence inside a comment', ['<!--', F3, '-->', '## w1', '- [ ] w2'], 'heading box'],
  ['a comment inside a fence', [F3, '<!--', F3, '## w1', '-->', '- [ ] w2'], 'heading box'],
  ['a comment over lines', ['<!-- w1', '', '## w2', '- [ ] w3', '-->', '## w4', '- [ ] w5'], 'hidden hidden hidden heading box'],
  ['a comment that is never closed', ['## w1', '', '<!-- w2', '', '- [ ] w3', '## w4'], 'heading hidden hidden hidden'],
  ['a comment inside a line', ['- [ ] w1 <!-- w2 --> w3', '## w4 <!-- w5 -->'], 'box hidden box heading hidden'],
  ['a comment that begins in a sentence', ['w1 <!-- w2', 'w3 --> w4', '', '## w5'], 'text hidden hidden text heading'],
  ['a comment begun in a sentence does not reach over a blank line', ['w1 <!-- a', '', '## w2', '-->', '- [ ] w3'], 'text heading box'],
  ['a comment begun in a sentence does not reach over a heading', ['w1 <!-- a', '## w2', '', 'w3 -->'], 'text heading text'],
  ['what stands behind a comment is text', ['<!-- w1 --> # w2', '', '<!-- a', '--> - [ ] w3'], 'hidden text text'],
  ['a comment behind a marker', ['- <!-- w1 -->', '- [ ] <!-- w2 --> w3'], 'hidden hidden box'],
  ['a comment in code', ['`<!--` w1', '', '## w2', '-->'], 'text heading'],
  ['a comment between items', ['- [ ] w1', '<!-- w2 -->', '- [ ] w3', '<!--', '- [ ] w4', '-->'], 'box hidden box hidden'],
  ['a comment that ends with its item', ['- w1', '  <!-- w2', '  w3', '## w4', '-->'], 'item hidden hidden heading'],
  ['indented code', ['w1', '', '    ## w2', '    - [ ] w3', '', '- [ ] w4'], 'text hidden hidden box'],
  ['code indented by a tab', ['# w1', '\t- [ ] w2', '\t# w3', '', '# w4'], 'heading hidden hidden heading'],
  ['code inside an item', ['- w1', '', '      ## w2', '      w3', '- [ ] w4'], 'item hidden hidden box'],
  ['an indented comment mark is code', ['w1', '', '    <!--', '', '## w2', '- [ ] w3'], 'text heading box'],
  ['an indented fence mark is code', ['w1', '', '    ```', '', '## w2', '- [ ] w3'], 'text heading box'],
  ['what goes on with a paragraph is no code', ['w1', '    w2', '', 'w3'], 'text text text'],
  ['underlined headings', ['w1', '===', '', 'w2', 'w3', '---', 'w4'], 'heading heading heading text'],
  ['rules', ['w1', '', '---', '', '***', 'w2', '* * *', '- [ ] w3'], 'text text box'],
  ['a rule under an item', ['- w1', '---', 'w2', '===', '- w3'], 'item heading item'],
  ['a table and a rule under it', ['w1 | a', '--|--', 'w2 | b', '---', 'w3'], 'text text text'],
  ['a heading under a table', ['| w1 | a |', '|--|--|', '## w2 | b', '- [ ] w3 | c'], 'text heading box'],
  ['a quote with a list', ['> # w1', '> - [ ] w2', '> w3', 'w4', '', 'w5'], 'hidden hidden hidden hidden text'],
  ['a quote with a fence', ['> ```', '> w1', '', '## w2', '- [ ] w3'], 'hidden heading box'],
  ['a quote inside an item', ['- > w1', '- [ ] w2', '  > - [ ] w3'], 'hidden box hidden'],
  ['check boxes', ['- [x] w1', '* [X] w2', '+ [ ] w3', '', '1. [ ] w4', '2) [x] w5'], 'box box box box box'],
  ['what looks like a check box', ['[ ] w1', '- [x]w2', '- [xx] w3', '- [ ](#a) w4'], 'text item item item'],
  ['check boxes with signs of a project', ['- [~] w1', '- [/] w2', '- [-] w3'], 'box box box'],
  ['nested items by tabs', ['- w1', '\t- [ ] w2', '\t\t- [ ] w3', '- w4'], 'item box box item'],
  ['nested items by spaces', ['1. w1', '  - [ ] w2', '     - w3', '', '   w4', '', 'w5'], 'item box item text text'],
  ['a heading inside an item', ['- w1', '', '  ## w2', '', '- [ ] w3'], 'item text box'],
  ['a heading leaves the list', ['- w1', ' # w2', '- [ ] w3'], 'item heading box'],
  ['hashes without a blank behind them', ['#w1', '', '####### w2', '', '###### w3 ##'], 'text text heading'],
  ['a heading indented as code goes on with the paragraph', ['w1', '    # w2', '', '# w3'], 'text text heading'],
  ['lines wrapped lazily', ['- [ ] w1', 'w2', '', 'w3'], 'box text text'],
  ['raw code in HTML', ['<pre>', '## w1', '', '- [ ] w2', '</pre>', '## w3'], 'hidden hidden heading'],
  ['a style in HTML', ['<style> w1', '- w2', '</style> w3', '- w4'], 'hidden hidden hidden item'],
  ['front matter', ['---', 'title: w1', '# w2', 'status: x', '---', '# w3'], 'hidden hidden heading'],
  ['a rule at the start', ['---', '# w1', '---', '- [ ] w2'], 'heading box'],
] // biome-ignore format: a table

const cases: readonly Case[] = CASES.flatMap(([name, lines, kinds]) =>
  [
    ['', '\n', ''],
    [' with CRLF', '\r\n', ''],
    [' behind a byte order mark', '\n', '\uFEFF'],
  ].map(([suffix = '', end = '', start = '']) => ({
    name: `${name}${suffix}`,
    text: `${start}${lines.join(end)}`,
    kinds: kinds.split(' ') as Kind[],
  })),
)

describe('all readers of Markdown agree on', () => {
  it.each(cases)('$name', ({ text, kinds }) => {
    const words = wordsIn(text)
    const are = (...asked: readonly Kind[]): readonly string[] =>
      words.filter((_, index) => asked.includes(kinds[index] ?? 'text'))
    expect(words).toHaveLength(kinds.length)
    const seen = seenByOutline(text)
    expect(words.map((word) => `${word} ${seen.get(word) ?? 'hidden'}`)).toEqual(
      words.map((word, index) => `${word} ${kinds[index]}`),
    )
    expect({
      sections: headingsOf(text),
      prose: wordsInProse(text),
      boxes: boxesOf(text),
    }).toEqual({
      sections: are('heading'),
      prose: are('heading', 'item', 'box', 'text'),
      boxes: are('box'),
    })
    expect(are('heading')).toEqual(expect.arrayContaining([...headingsAboveBoxes(text)]))
    expect(are('item', 'box')).toEqual(expect.arrayContaining([...itemsOf(text)]))
    const titles = listSections(text).flatMap(({ level, title }) => (level === 2 ? title : []))
    expect(sectionsOfBacklog(text)).toEqual(titles.filter((title) => words.includes(title)))
  })
})

describe('of any text all readers of Markdown', () => {
  const PIECES = ['# ', '## ', '- ', '* ', '1. ', '2. ', '- [ ] ', '- [x] ', '1. [ ] ', '> ', '```', '````', '~~~', '```js', '<!--', '-->', '<!-- a -->', '  ', '    ', '\t', ' ', '---', '===', '| a | b |', '|--|--|', '|', '`', '<pre>', '</pre>', 'a:', '**b**', '', '', ''] // biome-ignore format: a table
  const line = fc.tuple(fc.array(fc.constantFrom(...PIECES), { maxLength: 4 }), fc.boolean())
  const document = fc
    .array(line, { maxLength: 25 })
    .map((lines) =>
      lines.map(([pieces, worded], index) => `${pieces.join('')}${worded ? ` w${index}` : ''}`).join('\n'),
    )

  it('agree on headings, check boxes and what is nobody’s own words', () => {
    fc.assert(
      fc.property(document, (text) => {
        const seen = seenByOutline(text)
        const are = (kind: Kind): readonly string[] => wordsIn(text).filter((word) => seen.get(word) === kind)
        expect(headingsOf(text)).toEqual(are('heading'))
        expect(boxesOf(text)).toEqual(are('box'))
        const prose = new Set(wordsInProse(text))
        expect(wordsIn(text).filter((word) => prose.has(word) && !seen.has(word))).toEqual([])
      }),
      { numRuns: runs(2000) },
    )
  })
})
