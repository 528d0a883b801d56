import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { forgetFollower, readFollowers, resumeFollower } from '../../src/domain/background.ts'
import type { Subscriber } from '../../src/events/subscriber.ts'
import { hostFollowers } from '../../src/jobs/followers.ts'
import type { Database } from '../../src/store/database.ts'
import { ADA, clock, gate, hostUntilIdle, serviceOf, startHost } from '../jobs/hosting.ts'
import { forEachDatabase } from '../store/databases.ts'
import { names, put } from '../store/temporary.ts'
import { append } from './append.ts'
import { allEvents, collector, upTo } from './collector.ts'

const FOLLOWER = fileURLToPath(new URL('./follower-process.ts', import.meta.url))
const random = () => 0.5

forEachDatabase((_, openFresh) => {
  test('every event comes once and in order, to each subscriber from where it begins', async () => {
    const { database } = await openFresh()
    const service = serviceOf(database)
    await append(database, 3)
    const [whole, late]: [number[], number[]] = [[], []]
    const work = [hostFollowers([collector('whole', whole), collector('late', late, { from: 'next' })], random)]
    await hostUntilIdle(service, work)
    await append(database, 2)
    await hostUntilIdle(service, work)
    await hostUntilIdle(service, work)
    expect([whole, late]).toEqual([upTo(5), [4, 5]])
    expect(await readFollowers(service, ADA)).toMatchObject([
      { name: 'late', lastEvent: 5, behind: 0 },
      { name: 'whole', lastEvent: 5, behind: 0 },
    ])
  })

  test('events appended by several writers while they are followed are never skipped', async () => {
    const { database, open } = await openFresh()
    const others = [await open(), await open()]
    const seen: number[] = []
    startHost(serviceOf(database), [hostFollowers([collector('all', seen)], random)])
    await Promise.all(
      others.map(async (other) => {
        for (let round = 0; round < 50; round += 1) {
          await append(other, 1)
          // One that is rolled back leaves a gap in the ids on PostgreSQL.
          await other
            .write(async (tx) => {
              await tx.sql.insertInto('counter').values({ name: 'rolled back', value: 1 }).execute()
              throw new Error('rolled back')
            })
            .catch(() => undefined)
        }
      }),
    )
    await expect.poll(() => seen.length).toBe(100)
    expect(seen).toEqual(await allEvents(database))
  })

  test('of two hosts one delivers at a time, and when it stops the other goes on where it was', async () => {
    const { database, open } = await openFresh()
    const other = await open()
    let [inside, most] = [0, 0]
    const seen: number[] = []
    const subscriber = (who: string[]) => (name: string) =>
      collector('one', seen, {
        async deliver(events) {
          inside += 1
          most = Math.max(most, inside)
          await put(database, `${name}-${events[0]?.id}`)
          seen.push(...events.map(({ id }) => id))
          who.push(name)
          inside -= 1
        },
      })
    const who: string[] = []
    const first = startHost(serviceOf(database), [hostFollowers([subscriber(who)('left')], random)])
    startHost(serviceOf(other), [hostFollowers([subscriber(who)('right')], random)])
    for (let round = 1; round <= 10; round += 1) {
      await append(database, 1)
      await expect.poll(() => seen.length).toBe(round)
    }
    first.stop()
    await first.ended
    await append(database, 1)
    await expect.poll(() => seen.length).toBe(11)
    expect([most, seen, who.at(-1)]).toEqual([1, upTo(11), 'right'])
  })

  test('a host that was taken for dead while it delivered moves no cursor; the other delivers again', async () => {
    const { database, open } = await openFresh()
    const time = clock()
    const [service, other] = [serviceOf(database, time.now), serviceOf(await open(), time.now)]
    await append(database, 1)
    const [begun, go] = [gate(), gate()]
    const stuck = collector('one', [], {
      async deliver() {
        begun.open()
        await go.opened
      },
    })
    const first = startHost(service, [hostFollowers([stuck], random)])
    await begun.opened
    // Its sign of life comes too late; as after a machine that slept.
    time.forward(60_000)
    const seen: number[] = []
    const second = startHost(other, [hostFollowers([collector('one', seen)], random)])
    await expect.poll(() => seen).toContain(1)
    go.open()
    await expect(first.ended).rejects.toMatchObject({ code: 'conflict' })
    second.stop()
    await second.ended
    const [follower] = await readFollowers(other, ADA)
    expect(follower).toMatchObject({ holder: undefined, lastEvent: seen.at(-1) })
    expect(seen).toEqual(upTo(seen.length))
  })

  test('one that is slow holds up neither another nor a writer', async () => {
    const { database } = await openFresh()
    const [begun, go] = [gate(), gate()]
    const slow = collector('slow', [], {
      async deliver() {
        begun.open()
        await go.opened
      },
    })
    const seen: number[] = []
    startHost(serviceOf(database), [hostFollowers([slow, collector('quick', seen)], random)])
    await append(database, 1)
    await begun.opened
    await append(database, 5)
    await expect.poll(() => seen).toEqual(upTo(6))
    go.open()
  })

  test('a poison event is tried with growing waits, set aside with its error, and the others come', async () => {
    const { database } = await openFresh()
    const time = clock()
    const service = serviceOf(database, time.now)
    await append(database, 40)
    const seen: number[] = []
    const tries: number[] = []
    const subscriber = collector('picky', seen, {
      async deliver(events) {
        if (events.some(({ id }) => id === 17)) {
          if (events.length === 1) tries.push(time.now())
          throw new Error('no room for 17')
        }
        seen.push(...events.map(({ id }) => id))
      },
    })
    const work = [hostFollowers([subscriber], random)]
    await hostUntilIdle(service, work)
    expect((await readFollowers(service, ADA))[0]).toMatchObject({
      lastEvent: 16,
      failures: 1,
      error: 'no room for 17',
    })
    // Its time has not come.
    await hostUntilIdle(service, work)
    expect(tries).toHaveLength(1)
    for (const wait of [750, 1500]) {
      time.forward(wait - 1)
      await hostUntilIdle(service, work)
      time.forward(1)
      await hostUntilIdle(service, work)
    }
    expect(tries.map((at) => at - (tries[0] ?? 0))).toEqual([0, 750, 2250])
    const [picky] = await readFollowers(service, ADA)
    expect(picky).toMatchObject({ state: 'following', behind: 0, deadEvents: [{ event: 17, error: 'no room for 17' }] })
    expect(picky?.problem).toMatch(/picky went on without 1 event, the first 17: no room for 17/)
    expect(new Set(seen)).toEqual(new Set(upTo(40).filter((id) => id !== 17)))
    await resumeFollower(service, ADA, 'picky', { skip: false })
    expect((await readFollowers(service, ADA))[0]).toMatchObject({ deadEvents: [], problem: undefined })
  })

  test.each<[string, unknown, string]>([
    ['an error with a NUL in it', new Error('read\0 twice'), 'read twice'],
    ['an error that is cut within a character', new Error(`${'x'.repeat(999)}😀 and more`), `${'x'.repeat(999)}\ufffd`],
    ['an error with half a character', new Error('\ud83d alone'), '\ufffd alone'],
    ['no error', undefined, 'undefined'],
    ['an object without a prototype', Object.create(null), '[Object: null prototype] {}'],
    ['an object', { status: 503 }, '{ status: 503 }'],
  ])('whatever is thrown is noted, and ends no host: %s', async (_, thrown, error) => {
    const { database } = await openFresh()
    const service = serviceOf(database)
    await append(database, 1)
    const subscriber = collector('thrower', [], {
      attempts: 1,
      async deliver(events) {
        if (events.some(({ id }) => id === 1)) throw thrown
      },
    })
    await hostUntilIdle(service, [hostFollowers([subscriber], random)])
    expect(await readFollowers(service, ADA)).toMatchObject([{ behind: 0, deadEvents: [{ event: 1, error }] }])
  })

  test('one that declares so stops at a poison event until a person lets it go on', async () => {
    const { database } = await openFresh()
    const service = serviceOf(database)
    await append(database, 3)
    const seen: number[] = []
    let whole = false
    const subscriber = collector('strict', seen, {
      attempts: 1,
      poison: 'stop',
      async deliver(events) {
        if (!whole && events.some(({ id }) => id === 2)) throw new Error('not this one')
        seen.push(...events.map(({ id }) => id))
      },
    })
    const work = [hostFollowers([subscriber], random)]
    await hostUntilIdle(service, work)
    await hostUntilIdle(service, work)
    expect(seen).toEqual([1])
    expect((await readFollowers(service, ADA))[0]).toMatchObject({
      state: 'stopped',
      problem: expect.stringMatching(/strict stopped after event 1: not this one/),
    })
    whole = true
    await resumeFollower(service, ADA, 'strict', { skip: false })
    await hostUntilIdle(service, work)
    expect(seen.slice(0, 3)).toEqual([1, 2, 3])
  })

  test('a person may let it go on without the event at which it stopped', async () => {
    const { database } = await openFresh()
    const service = serviceOf(database)
    await append(database, 3)
    const seen: number[] = []
    const subscriber = collector('strict', seen, {
      attempts: 1,
      poison: 'stop',
      async deliver(events) {
        if (events.some(({ id }) => id === 1)) throw new Error('never')
        seen.push(...events.map(({ id }) => id))
      },
    })
    await hostUntilIdle(service, [hostFollowers([subscriber], random)])
    await resumeFollower(service, ADA, 'strict', { skip: true })
    await hostUntilIdle(service, [hostFollowers([subscriber], random)])
    expect(seen.slice(0, 2)).toEqual([2, 3])
  })

  test('an effect in the transaction of the cursor that fails halfway leaves nothing', async () => {
    const { database } = await openFresh()
    const service = serviceOf(database)
    await append(database, 3)
    const subscriber: Subscriber = {
      name: 'rows',
      from: 'first',
      attempts: 1,
      poison: 'set_aside',
      async handle(tx, events) {
        for (const { id } of events)
          await tx.sql
            .insertInto('counter')
            .values({ name: `row-${id}`, value: 1 })
            .execute()
        if (events.some(({ id }) => id === 2)) throw new Error('no')
      },
    }
    await hostUntilIdle(service, [hostFollowers([subscriber], random)])
    expect((await names(database)).filter((name) => name.startsWith('row-'))).toEqual(['row-1', 'row-3'])
  })

  test('a subscriber that no host knows any more shows, and can be forgotten', async () => {
    const { database } = await openFresh()
    const time = clock()
    const service = serviceOf(database, time.now)
    await hostUntilIdle(service, [hostFollowers([collector('old name', [])], random)])
    await append(database, 2)
    expect((await readFollowers(service, ADA))[0]?.problem).toBeUndefined()
    time.forward(2 * 24 * 3_600_000)
    await hostUntilIdle(service, [hostFollowers([collector('new name', [])], random)])
    const problems = (await readFollowers(service, ADA)).map(({ name, problem }) => [name, problem])
    expect(problems).toEqual([
      ['new name', undefined],
      ['old name', expect.stringMatching(/old name is 2 events behind and known to no worker/)],
    ])
    await forgetFollower(service, ADA, 'old name')
    expect((await readFollowers(service, ADA)).map(({ name }) => name)).toEqual(['new name'])
    await expect(forgetFollower(service, ADA, 'old name')).rejects.toMatchObject({ code: 'not_found' })
  })

  test('where no wake-up comes, the poll delivers', async () => {
    const { database, open } = await openFresh()
    const deaf: Database = { ...database, watch: () => () => {} }
    const seen: number[] = []
    startHost(serviceOf(deaf), [hostFollowers([collector('deaf', seen)], random)])
    const other = await open()
    for (let round = 1; round <= 3; round += 1) {
      await append(other, 1)
      await expect.poll(() => seen).toEqual(upTo(round))
    }
  })

  test('what another process appends wakes a watch, and nothing keeps a process alive that has closed its database', async () => {
    const { place, database } = await openFresh()
    const woken = gate()
    const stop = database.watch(woken.open)
    const where = 'file' in place ? place.file : place.url
    const child = spawn(process.execPath, [FOLLOWER, where, 'close'], { stdio: ['ignore', 'ignore', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const exited = once(child, 'exit')
    await woken.opened
    expect(await exited).toEqual([0, null])
    stop()
  })
})
