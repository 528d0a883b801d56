import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database, Reader, Tx } from '../../src/store/database.ts'
import { appendEvent } from '../../src/store/events.ts'
import { runs } from '../property-runs.ts'
import { forEachDatabase } from './databases.ts'

const setCounter = async (tx: Tx, name: string, value: number) =>
  await tx.sql.insertInto('counter').values({ name, value }).execute()

const counters = async (reader: Reader) => await reader.sql.selectFrom('counter').selectAll().orderBy('name').execute()

const read = async (database: Database) => await database.read(counters)

/** Reads, then writes what follows from it: wrong wherever another write comes between. */
async function increment(database: Database): Promise<void> {
  await database.write(async (tx) => {
    const row = await tx.sql.selectFrom('counter').select('value').where('name', '=', 'n').executeTakeFirstOrThrow()
    await tx.sql
      .updateTable('counter')
      .set({ value: row.value + 1 })
      .where('name', '=', 'n')
      .execute()
  })
}

function signal(): { readonly given: Promise<void>; give(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { given: promise, give: () => resolve() }
}

forEachDatabase((engine, openFresh) => {
  test('a write that resolves is there for all, and its result is returned', async () => {
    const { database, open } = await openFresh()
    const answer = await database.write(async (tx) => {
      await setCounter(tx, 'a', 1)
      return 'done'
    })

    expect(answer).toBe('done')
    expect(await read(database)).toEqual([{ name: 'a', value: 1 }])
    expect(await read(await open())).toEqual([{ name: 'a', value: 1 }])
  })

  test('a write that rejects leaves nothing, and its error comes through', async () => {
    const { database } = await openFresh()
    const failure = new Error('mine')
    const failed = database.write(async (tx) => {
      await setCounter(tx, 'a', 1)
      throw failure
    })

    await expect(failed).rejects.toBe(failure)
    expect(await read(database)).toEqual([])
    await database.write(async (tx) => await setCounter(tx, 'b', 2))
    expect(await read(database)).toEqual([{ name: 'b', value: 2 }])
  })

  test('all queries of a read see one state, whatever is committed meanwhile', async () => {
    const { database, open } = await openFresh()
    const other = await open()
    await database.write(async (tx) => await setCounter(tx, 'n', 0))
    const [before, after] = await database.read(async (reader) => {
      const first = await counters(reader)
      await increment(other)
      return [first, await counters(reader)]
    })

    expect(after).toEqual(before)
    expect(await read(database)).toEqual([{ name: 'n', value: 1 }])
  })

  test('what is not committed is not read, neither here nor elsewhere', async () => {
    const { database, open } = await openFresh()
    const other = await open()
    const [written, goOn] = [signal(), signal()]
    const writing = database.write(async (tx) => {
      await setCounter(tx, 'a', 1)
      written.give()
      await goOn.given
    })
    await written.given

    expect(await read(database)).toEqual([])
    expect(await read(other)).toEqual([])
    goOn.give()
    await writing
    expect(await read(other)).toHaveLength(1)
  })

  test('a read cannot write', async () => {
    const { database } = await openFresh()
    const attempt = database.read(async (reader) => {
      await reader.sql.insertInto('counter').values({ name: 'a', value: 1 }).execute()
    })

    await expect(attempt).rejects.toMatchObject({ code: 'precondition_failed', message: /read-only/ })
    expect(await read(database)).toEqual([])
  })

  test('100 increments at once over two databases lose nothing', async () => {
    const { database, open } = await openFresh()
    const other = await open()
    await database.write(async (tx) => await setCounter(tx, 'n', 0))
    await Promise.all(Array.from({ length: 100 }, async (_, index) => await increment(index % 2 ? database : other)))

    expect(await read(database)).toEqual([{ name: 'n', value: 100 }])
  })

  test('reads go on while many writes wait', async () => {
    const { database, open } = await openFresh()
    const other = await open()
    const [holding, goOn] = [signal(), signal()]
    const holder = other.write(async () => {
      holding.give()
      await goOn.given
    })
    await holding.given
    const waiting = Array.from({ length: 20 }, (_, index) =>
      database.write(async (tx) => await setCounter(tx, `w${index}`, 1)),
    )
    // Reads that waited for the writers would wait for ever: their turn comes after this.
    await Promise.all(Array.from({ length: 20 }, async () => await read(database)))
    goOn.give()
    await Promise.all([holder, ...waiting])

    expect(await read(database)).toHaveLength(20)
  })

  test('a transaction inside another one is an error and not a standstill', async () => {
    const { database } = await openFresh()
    const nested = { code: 'internal', message: /inside another/ }
    const inner = async () => await read(database)
    const innerWrite = async () => await database.write(async () => 1)

    await expect(database.write(innerWrite)).rejects.toMatchObject(nested)
    await expect(database.write(inner)).rejects.toMatchObject(nested)
    await expect(database.read(inner)).rejects.toMatchObject(nested)
    await expect(database.read(innerWrite)).rejects.toMatchObject(nested)
    expect(await innerWrite()).toBe(1)
  })

  test('what a transaction leaves behind may begin one of its own; the transaction itself is over', async () => {
    const { database } = await openFresh()
    const later = signal()
    const left: { tx?: Tx } = {}
    let leftover: Promise<unknown> | undefined
    await database.write(async (tx) => {
      left.tx = tx
      leftover = later.given.then(async () => await read(database))
    })
    later.give()

    expect(await leftover).toEqual([])
    const { tx } = left
    if (tx === undefined) throw new Error('no transaction')
    await expect(setCounter(tx, 'late', 1)).rejects.toThrow()
    expect(await read(database)).toEqual([])
  })

  test('what is there already is a conflict and changes nothing', async () => {
    const { database } = await openFresh()
    const twice = database.write(async (tx) => {
      await setCounter(tx, 'a', 1)
      await setCounter(tx, 'a', 2)
    })

    await expect(twice).rejects.toMatchObject({ name: 'SpekiError', code: 'conflict' })
    expect(await read(database)).toEqual([])
  })

  test('a reference to nothing is refused', async () => {
    const { database } = await openFresh()
    const dangling = database.write(
      async (tx) => await tx.sql.insertInto('prd_repository').values({ prd_id: 7, repository_id: 9 }).execute(),
    )

    await expect(dangling).rejects.toThrow(/foreign key/i)
  })

  test('events can be appended, and neither changed nor removed', async () => {
    const { database } = await openFresh()
    await database.write(
      async (tx) =>
        await appendEvent(tx, {
          at: 1,
          type: 'task.created',
          subject: 'TASK-1',
          actor: { kind: 'person', name: 'a' },
          payload: { title: 'x' },
        }),
    )
    const changed = database.write(async (tx) => await tx.sql.updateTable('event').set({ subject: 'TASK-2' }).execute())
    await expect(changed).rejects.toThrow(/append-only/)
    const removed = database.write(async (tx) => await tx.sql.deleteFrom('event').execute())
    await expect(removed).rejects.toThrow(/append-only/)

    const events = await database.read(async ({ sql: db }) => await db.selectFrom('event').selectAll().execute())
    expect(events).toMatchObject([{ id: 1, at: 1, subject: 'TASK-1' }])
  })

  test('text and numbers come back as they were', async () => {
    const { database } = await openFresh()
    const safe = fc.maxSafeInteger()
    const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((it) => !it.includes('\0'))
    await fc.assert(
      fc.asyncProperty(text, safe, fc.json(), async (name, value, json) => {
        const rollback = new Error('rollback')
        await database
          .write(async (tx) => {
            await setCounter(tx, name, value)
            expect(await counters(tx)).toEqual([{ name, value }])
            await tx.sql
              .insertInto('idempotency')
              .values({
                owner: 'o',
                key_hash: name,
                session: 's',
                tool: 't',
                request_hash: 'h',
                answer: json,
                at: value,
              })
              .execute()
            expect(await tx.sql.selectFrom('idempotency').select(['answer', 'at']).execute()).toEqual([
              { answer: json, at: value },
            ])
            throw rollback
          })
          .catch((error: unknown) => {
            if (error !== rollback) throw error
          })
      }),
      { numRuns: runs(100) },
    )
  })

  test('sums, counts and fractions are numbers', async () => {
    const { database } = await openFresh()
    await database.write(async (tx) => {
      await setCounter(tx, 'a', 2 ** 52)
      await setCounter(tx, 'b', 1)
    })
    const { rows } = await database.read(
      async (reader) =>
        await sql<{ total: number; rows: number; half: number }>`
          SELECT sum(value) AS total, count(*) AS rows, 0.5 AS half FROM counter`.execute(reader.sql),
    )

    expect(rows).toEqual([{ total: 2 ** 52 + 1, rows: 2, half: 0.5 }])
  })

  test.each([
    ['NUL', 'a\0b'],
    ['half a surrogate pair', 'a\ud800b'],
  ])('text with %s is refused, not mended', async (problem, name) => {
    const { database } = await openFresh()
    const write = database.write(async (tx) => await setCounter(tx, name, 1))

    await expect(write).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining(problem) })
    expect(await read(database)).toEqual([])
  })

  test('a new workspace has one identity, which stays', async () => {
    const { database, open } = await openFresh()
    const identity = async (of: Database) =>
      await of.read(async (reader) => await reader.sql.selectFrom('workspace').selectAll().execute())
    const first = await identity(database)

    expect(first).toMatchObject([{ id: 1, uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) }])
    expect(Math.abs((first[0]?.created_at ?? 0) - Date.now())).toBeLessThan(60_000)
    expect(await identity(await open())).toEqual(first)
  })

  test('closing lets what has begun come to its end, and takes nothing more', async () => {
    const { database, open } = await openFresh()
    const writing = database.write(async (tx) => await setCounter(tx, 'a', 1))
    await database.close()
    await writing
    await database.close()

    await expect(read(database)).rejects.toMatchObject({ code: 'internal', message: /closed/ })
    expect(await read(await open())).toEqual([{ name: 'a', value: 1 }])
  })

  test('a write that does not get its turn is told so when its patience ends', async () => {
    const { database, open } = await openFresh()
    const other = await open()
    const [holding, goOn] = [signal(), signal()]
    const holder = database.write(async () => {
      holding.give()
      await goOn.given
    })
    await holding.given
    const PATIENCE = { patienceMs: 2000 }
    const began = performance.now()
    const refusals = await Promise.all(
      [database, other].map(async (waiting) => {
        const error = await waiting
          .write(async (tx) => await setCounter(tx, 'a', 1), PATIENCE)
          .catch((reason: unknown) => reason)
        return { error, seconds: (performance.now() - began) / 1000 }
      }),
    )
    goOn.give()
    await holder

    for (const { error, seconds } of refusals) {
      expect(error).toMatchObject({ name: 'SpekiError', code: 'timeout', message: /2 seconds/ })
      expect(seconds).toBeGreaterThan(1.9)
    }
    await other.write(async (tx) => await setCounter(tx, 'b', 1))
    expect(await read(database)).toEqual([{ name: 'b', value: 1 }])
  })

  test('its location has no secret', async () => {
    const { database, place } = await openFresh()
    if ('file' in place) expect(database.location).toBe(place.file)
    else {
      expect(database.location).toMatch(/^postgres:\/\/127\.0\.0\.1:\d+\/speki_\d+$/)
      expect(place.url).toContain('speki:')
    }
    expect(database.dialect.name).toBe(engine)
  })
})
