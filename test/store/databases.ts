import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import type { Database } from '../../src/store/database.ts'
import { openDatabase } from '../../src/store/open.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

type Place = { readonly file: string } | { readonly url: string }

/** A place of its own for each call, and a database opened there. Both are gone after the test. */
export interface Fresh {
  readonly place: Place
  readonly database: Database
  /** Another one on the same place, as another process would have. */
  open(): Promise<Database>
}

/** Runs a suite on every engine, on real ones. */
export function forEachDatabase(suite: (engine: 'sqlite' | 'postgres', openFresh: () => Promise<Fresh>) => void): void {
  describe('on SQLite', () => {
    const folders: string[] = []
    afterAll(async () => {
      for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    })
    suite(
      'sqlite',
      opener(async () => {
        const folder = await mkdtemp(join(tmpdir(), 'speki-store-'))
        folders.push(folder)
        return { file: join(folder, 'speki.db') }
      }),
    )
  })

  describe('on PostgreSQL', () => {
    let server: PostgresServer
    beforeAll(async () => {
      server = await startPostgres()
    })
    afterAll(async () => await server.stop())
    suite(
      'postgres',
      opener(async () => ({ url: await server.createDatabase() })),
    )
  })
}

function opener(createPlace: () => Promise<Place>): () => Promise<Fresh> {
  const opened: Database[] = []
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close()
  })
  return async () => {
    const place = await createPlace()
    const open = async () => {
      const database = await openDatabase(place)
      opened.push(database)
      return database
    }
    return { place, database: await open(), open }
  }
}
