import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Database, SearchEntry } from '../../src/store/database.ts'
import { runs } from '../property-runs.ts'
import { forEachDatabase } from './databases.ts'

const KINDS = ['prd', 'requirement', 'task', 'knowledge'] as const

const TEXTS: readonly (readonly [string, string])[] = [
  ['Importing suppliers', 'The importer reads price lists of suppliers.'],
  ['Write C++ bindings', 'Call a-b from c++ AND from (x OR y), "quoted" NEAR the * star: title:x ^y.'],
  ['Café menu', 'Crème brûlée for a naïve guest; Ünïcödé.'],
  ['Paths', 'See src/store/tasks.ts, api.example.com/v1 and user_id in version 1.2.3.'],
  ['Celebrate 🎉', 'नमस्ते दुनिया, Привет мир'],
  ['The who can', 'To be or not to be.'],
]

async function index(database: Database, entries: readonly SearchEntry[]): Promise<void> {
  await database.write(async (tx) => {
    for (const entry of entries) await tx.dialect.indexText(tx, entry)
  })
}

async function find(
  database: Database,
  query: string,
  kinds: readonly SearchEntry['kind'][] = KINDS,
  limit = 20,
): Promise<string[]> {
  const hits = await database.read(async (reader) => await reader.dialect.searchText(reader, query, kinds, limit))
  return hits.map((hit) => `${hit.kind} ${hit.id}`)
}

forEachDatabase((_, openFresh) => {
  async function openFilled(): Promise<Database> {
    const { database } = await openFresh()
    await index(
      database,
      TEXTS.map(([title, body], position) => ({ kind: 'task' as const, id: position + 1, title, body })),
    )
    return database
  }

  test('both engines find the same', async () => {
    const database = await openFilled()
    const found: Record<string, string[]> = {}
    const queries = [
      ...['import', 'imports supplier', 'IMPORTER', 'suppl', 'price missing', 'lists of'],
      ...[
        'c++',
        'a-b',
        '(',
        '"',
        '"quoted"',
        'AND',
        'x OR y',
        'NOT',
        'NEAR(a b)',
        'title:x',
        '^y',
        '*',
        'star*',
        "'",
        '\\',
        ':*',
        '&|!',
      ],
      ...[
        'cafe',
        'CAFÉ',
        'cafe\u0301',
        'creme brulee',
        'unicode',
        'src/store/tasks.ts',
        'tasks.ts',
        'example.com',
        'user_id',
        'id',
        '1.2',
        'store',
      ],
      ...['🎉', 'celebrate 🎉', 'नमस्ते', 'привет', 'the', 'who can', 'to be', '', '   ', '; DROP TABLE search; --'],
    ]
    for (const query of queries) found[query] = (await find(database, query)).sort()

    expect(found).toEqual({
      import: ['task 1'],
      'imports supplier': ['task 1'],
      IMPORTER: ['task 1'],
      suppl: ['task 1'],
      'price missing': [],
      'lists of': ['task 1'],
      'c++': ['task 2', 'task 3', 'task 4', 'task 5', 'task 6'],
      'a-b': ['task 2', 'task 3'],
      '(': [],
      '"': [],
      '"quoted"': ['task 2'],
      AND: ['task 2', 'task 4'],
      'x OR y': ['task 2'],
      NOT: ['task 6'],
      'NEAR(a b)': ['task 2'],
      'title:x': ['task 2'],
      '^y': ['task 2'],
      '*': [],
      'star*': ['task 2'],
      "'": [],
      '\\': [],
      ':*': [],
      '&|!': [],
      cafe: ['task 3'],
      CAFÉ: ['task 3'],
      'cafe\u0301': ['task 3'],
      'creme brulee': ['task 3'],
      unicode: ['task 3'],
      'src/store/tasks.ts': ['task 4'],
      'tasks.ts': ['task 4'],
      'example.com': ['task 4'],
      user_id: ['task 4'],
      id: ['task 4'],
      '1.2': ['task 4'],
      store: ['task 4'],
      '🎉': [],
      'celebrate 🎉': ['task 5'],
      नमस्ते: ['task 5'],
      привет: ['task 5'],
      the: ['task 1', 'task 2', 'task 6'],
      'who can': ['task 6'],
      'to be': ['task 6'],
      '': [],
      '   ': [],
      '; DROP TABLE search; --': [],
    })
    expect(await find(database, 'importer')).toEqual(['task 1'])
  })

  test('any text is a legal query', async () => {
    const database = await openFilled()
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[ "'()*:^+\-&|!<>\\a-c]*$/))
    await fc.assert(
      fc.asyncProperty(text, async (query) => {
        expect(Array.isArray(await find(database, query))).toBe(true)
      }),
      { numRuns: runs(150) },
    )
  })

  test('an entry is replaced and removed alone, and numbers of different kinds stay apart', async () => {
    const { database } = await openFresh()
    await index(
      database,
      KINDS.map((kind) => ({ kind, id: 7, title: 'apple', body: '' })),
    )
    expect((await find(database, 'apple')).sort()).toEqual(['knowledge 7', 'prd 7', 'requirement 7', 'task 7'])

    await index(database, [{ kind: 'task', id: 7, title: 'pear', body: '' }])
    await database.write(async (tx) => await tx.dialect.removeText(tx, { kind: 'prd', id: 7 }))
    expect((await find(database, 'apple')).sort()).toEqual(['knowledge 7', 'requirement 7'])
    expect(await find(database, 'pear')).toEqual(['task 7'])
    expect(await find(database, 'pear', ['knowledge'])).toEqual([])
    expect(await find(database, 'pear', [])).toEqual([])
  })

  test('a hit in the title comes first, the limit holds, and the snippet marks the word', async () => {
    const { database } = await openFresh()
    const filler = 'one two three four five six seven eight nine ten '.repeat(3)
    await index(database, [
      { kind: 'task', id: 1, title: 'Other thing', body: `${filler} banana` },
      { kind: 'task', id: 2, title: 'banana split', body: filler },
      { kind: 'task', id: 3, title: 'Third thing', body: `${filler} bananas ${filler}` },
    ])

    expect(await find(database, 'banana', KINDS, 1)).toEqual(['task 2'])
    expect(await find(database, 'banana')).toHaveLength(3)
    const hits = await database.read(async (reader) => await reader.dialect.searchText(reader, 'banana', KINDS, 9))
    for (const hit of hits) expect(hit.snippet).toMatch(/«bananas?»/)
  })

  test('a text of megabytes can be indexed and is found', async () => {
    const { database } = await openFresh()
    const words = Array.from({ length: 300_000 }, (_, number) => `w${number.toString(36)}`).join(' ')
    await index(database, [{ kind: 'prd', id: 1, title: 'Big', body: `beginning ${words} ${'x'.repeat(5000)}` }])

    expect(await find(database, 'beginning')).toEqual(['prd 1'])
  })

  test('an entry is replaced as fast among many as among few', async () => {
    const { database } = await openFresh()
    const entry = (id: number): SearchEntry => ({ kind: 'task', id, title: `Task ${id}`, body: 'some words to keep' })
    const replace = async () => {
      const began = performance.now()
      for (let id = 1; id <= 50; id += 1) await index(database, [entry(id)])
      return performance.now() - began
    }
    await index(
      database,
      Array.from({ length: 100 }, (_, position) => entry(position + 1)),
    )
    await replace()
    const few = Math.min(await replace(), await replace(), await replace())
    await index(
      database,
      Array.from({ length: 5000 }, (_, position) => entry(position + 1)),
    )
    const many = Math.min(await replace(), await replace(), await replace())

    // A scan would cost fifty times as much.
    expect(many).toBeLessThan(few * 20)
  })
})
