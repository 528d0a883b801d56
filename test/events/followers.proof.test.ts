import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { readFollowers } from '../../src/domain/background.ts'
import { BATCH } from '../../src/events/deliver.ts'
import { hostFollowers } from '../../src/jobs/followers.ts'
import { ADA, hostUntilIdle, serviceOf } from '../jobs/hosting.ts'
import { forEachDatabase } from '../store/databases.ts'
import { names } from '../store/temporary.ts'
import { append } from './append.ts'
import { allEvents, collector, upTo } from './collector.ts'

const FOLLOWER = fileURLToPath(new URL('./follower-process.ts', import.meta.url))
const random = () => 0.5

forEachDatabase((_, openFresh) => {
  test('ten thousand events at once come in batches of bounded size, none twice, none skipped', async () => {
    const { database } = await openFresh()
    await append(database, 10_000)
    const seen: number[] = []
    const sizes: number[] = []
    const subscriber = collector('all', seen, {
      async deliver(events) {
        sizes.push(events.length)
        seen.push(...events.map(({ id }) => id))
      },
    })
    await hostUntilIdle(serviceOf(database), [hostFollowers([subscriber], random)])
    expect(seen).toEqual(await allEvents(database))
    expect(Math.max(...sizes)).toBe(BATCH)
  })

  test('effects in the transaction of the cursor come exactly once, though the process is killed at every point', async () => {
    const { place, database } = await openFresh()
    await append(database, 40)
    const where = 'file' in place ? place.file : place.url
    const points = ['before', 'inside', 'after']
    for (const point of [...points, ...points]) {
      const child = spawn(process.execPath, [FOLLOWER, where, point], { stdio: ['ignore', 'pipe', 'inherit'] })
      onTestFinished(() => void child.kill('SIGKILL'))
      const [code, signal] = await once(child, 'exit')
      expect([code, signal], point).toEqual([null, 'SIGKILL'])
    }
    const child = spawn(process.execPath, [FOLLOWER, where, 'never'], { stdio: ['ignore', 'ignore', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    expect(await once(child, 'exit')).toEqual([0, null])
    // Every event of others left one row with how often it was handled.
    const rows = await database.read(
      async ({ sql }) => await sql.selectFrom('counter').selectAll().where('name', 'like', 'exact-%').execute(),
    )
    expect(rows.map(({ value }) => value)).toEqual(Array(rows.length).fill(1))
    const handled = new Set(rows.map(({ name }) => Number(name.slice('exact-'.length))))
    const followers = await readFollowers(serviceOf(database), ADA)
    const exact = followers.find(({ name }) => name === 'exact')
    expect((await allEvents(database)).filter((id) => id <= (exact?.lastEvent ?? 0) && !handled.has(id))).toEqual([])
    expect(exact?.lastEvent).toBeGreaterThanOrEqual(40)
    // Outside of the database at least once: what was delivered and not yet noted came again.
    const delivered = (await names(database)).filter((name) => name.startsWith('outside-'))
    const atLeast = new Set(delivered.map((name) => Number(name.split('-')[1])))
    expect(upTo(40).filter((id) => !atLeast.has(id))).toEqual([])
  })
})
