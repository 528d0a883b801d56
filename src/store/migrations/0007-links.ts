import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { type Engine, forEngine } from './engine.ts'

interface Database {
  origin: { kind: string; id: number; source: string; ref: string; imported: string; at: number }
  link: { noun: string; id: number; source: string; ref: string; ours: string; theirs: string; at: number }
}

/** What was imported becomes a link, whose base holds field by field. */
export function links(engine: Engine): Migration {
  return {
    async up(db: Kysely<Database>) {
      for (const statement of tables) await sql.raw(forEngine(statement, engine)).execute(db)
      // One at a time: a body may have a megabyte.
      const keys = await db.selectFrom('origin').select(['kind', 'source', 'ref']).execute()
      for (const { kind, source, ref } of keys) {
        const { id, imported, at } = await db
          .selectFrom('origin')
          .select(['id', 'imported', 'at'])
          .where('kind', '=', kind)
          .where('source', '=', source)
          .where('ref', '=', ref)
          .executeTakeFirstOrThrow()
        const { ours, theirs } = baseOf(kind, JSON.parse(imported))
        await db
          .insertInto('link')
          .values({ noun: kind, id, source, ref, ours: JSON.stringify(ours), theirs: JSON.stringify(theirs), at })
          .execute()
      }
      await sql.raw('DROP TABLE origin').execute(db)
    },
  }
}

const tables = [
  `CREATE TABLE link (
    noun TEXT NOT NULL CHECK (noun IN ('prd', 'task', 'knowledge')), id INTEGER NOT NULL, source TEXT NOT NULL, ref TEXT NOT NULL,
    ours TEXT NOT NULL, theirs TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (noun, source, ref)
  ) STRICT`,
  'CREATE INDEX link_ours ON link (noun, id)',
]

type Fields = Record<string, unknown>

/** Fields whose form here differs from theirs. Of the others `local` may have edits of here that a merge has to see. */
const IN_OUR_FORM = new Set(['state', 'status', 'block_reason', 'requirements', 'depends_on', 'parent'])
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  prd: ['title', 'owners', 'parent', 'state', 'body'],
  task: [
    'title',
    'description',
    'status',
    'block_reason',
    'acceptance_criteria',
    'test_cases',
    'requirements',
    'depends_on',
    'complexity',
    'priority',
    'context',
  ],
}

function baseOf(kind: string, { source, local }: { source: Fields; local: Fields }): { ours: Fields; theirs: Fields } {
  const fields = FIELDS[kind] ?? []
  const pick = (of: (field: string) => Fields) =>
    Object.fromEntries(
      fields.map((field) => [
        field,
        (field === 'acceptance_criteria' ? (of(field)['criteria'] ?? of(field)[field]) : of(field)[field]) ?? null,
      ]),
    )
  return {
    ours: pick((field) => (IN_OUR_FORM.has(field) ? local : source)),
    theirs: { ...pick(() => source), extra: source['extra'] ?? {} },
  }
}
