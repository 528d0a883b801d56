import { expect, test } from 'vitest'
import { readJobs, retryJob } from '../../src/domain/background.ts'
import { hostFollowers } from '../../src/jobs/followers.ts'
import type { Job } from '../../src/jobs/job.ts'
import { hostJobs } from '../../src/jobs/queue.ts'
import type { Database } from '../../src/store/database.ts'
import { type JobRequest, listJobs, queueJob } from '../../src/store/jobs.ts'
import { forEachDatabase } from '../store/databases.ts'
import { names } from '../store/temporary.ts'
import { ADA, clock, gate, hostUntilIdle, serviceOf, startHost } from './hosting.ts'

const random = () => 0.5

function job(run: Job['run'], change: Partial<Job> = {}): Job {
  return { name: 'work', concurrency: 1, attempts: 3, run, ...change }
}

const queue = async (database: Database, request: Partial<JobRequest> = {}, now = Date.now()): Promise<number> =>
  await database.write(async (tx) => await queueJob(tx, { name: 'work', dueAt: now, ...request }, now))

const all = async (database: Database) =>
  (await database.read((reader) => listJobs(reader, {}, 100))).toSorted((a, b) => a.id - b.id)

forEachDatabase((_, openFresh) => {
  test('a job that is queued runs once, with what was asked for, and is done', async () => {
    const { database } = await openFresh()
    const service = serviceOf(database)
    const seen: unknown[] = []
    const work = [hostJobs([job(async ({ payload, attempt }) => void seen.push([payload, attempt]))], random)]
    await queue(database, { payload: { about: 'TASK-1' } })
    await hostUntilIdle(service, work)
    await hostUntilIdle(service, work)
    expect(seen).toEqual([[{ about: 'TASK-1' }, 1]])
    expect(await all(database)).toMatchObject([{ state: 'done', holder: undefined, error: undefined, attempts: 1 }])
  })

  test('a job that is queued while a host waits begins, and one for later waits for its time', async () => {
    const { database, open } = await openFresh()
    const time = clock()
    const seen: unknown[] = []
    startHost(serviceOf(database, time.now), [hostJobs([job(async ({ payload }) => void seen.push(payload))], random)])
    const other = await open()
    await queue(other, { payload: 'now' }, time.now())
    await expect.poll(() => seen).toEqual(['now'])
    await queue(other, { payload: 'later', dueAt: time.now() + 60_000 }, time.now())
    await queue(other, { payload: 'also now' }, time.now())
    await expect.poll(() => seen).toEqual(['now', 'also now'])
    time.forward(60_000)
    await expect.poll(() => seen).toEqual(['now', 'also now', 'later'])
  })

  test('one that fails is tried again after waits that double, with jitter, and is then left for a person, who may repeat it', async () => {
    const { database } = await openFresh()
    const time = clock()
    const service = serviceOf(database, time.now)
    let broken = true
    const tries: number[] = []
    const work = (jitter: number) => [
      hostJobs(
        [
          job(async () => {
            tries.push(time.now())
            if (broken) throw new Error('no answer')
          }),
        ],
        () => jitter,
      ),
    ]
    const id = await queue(database, {}, time.now())
    await hostUntilIdle(service, work(0))
    expect(await all(database)).toMatchObject([{ state: 'failed', error: 'no answer', dueAt: time.now() + 500 }])
    time.forward(499)
    await hostUntilIdle(service, work(1))
    expect(tries).toHaveLength(1)
    time.forward(1)
    await hostUntilIdle(service, work(1))
    expect(await all(database)).toMatchObject([{ state: 'failed', attempts: 2, dueAt: time.now() + 2000 }])
    time.forward(2000)
    await hostUntilIdle(service, work(1))
    expect(await all(database)).toMatchObject([{ state: 'dead', attempts: 3, error: 'no answer' }])
    time.forward(3_600_000)
    await hostUntilIdle(service, work(1))
    expect(tries).toHaveLength(3)
    expect((await readJobs(service, ADA)).problems).toEqual([
      `Job ${id} (work) failed 3 times: no answer. Repeat it: speki job retry ${id}`,
    ])
    broken = false
    await retryJob(service, ADA, id)
    await hostUntilIdle(service, work(1))
    expect(await all(database)).toMatchObject([{ state: 'done', attempts: 1, error: undefined }])
    await expect(retryJob(service, ADA, id)).rejects.toMatchObject({ code: 'precondition_failed' })
    await expect(retryJob(service, ADA, 99)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('two requests for the same are one while it waits, and two when the first has begun', async () => {
    const { database } = await openFresh()
    const [begun, go] = [gate(), gate()]
    const seen: unknown[] = []
    const first = await queue(database, { key: 'PRD-1', payload: 1, dueAt: Date.now() + 3_600_000 })
    expect(await queue(database, { key: 'PRD-1', payload: 2 })).toBe(first)
    expect(await queue(database, { key: 'PRD-2', payload: 9, dueAt: Date.now() + 3_600_000 })).not.toBe(first)
    const definition = job(
      async ({ payload }) => {
        seen.push(payload)
        begun.open()
        await go.opened
      },
      { concurrency: 5 },
    )
    startHost(serviceOf(database), [hostJobs([definition], random)])
    await begun.opened
    const second = await queue(database, { key: 'PRD-1', payload: 3 })
    expect(second).not.toBe(first)
    expect(seen).toEqual([2])
    go.open()
    await expect.poll(() => seen).toEqual([2, 3])
  })

  test('two hosts share the work: each job runs once, no more at a time than its kind allows, and another kind is not held up', async () => {
    const { database, open } = await openFresh()
    const seen: unknown[] = []
    let [inside, most] = [0, 0]
    const definitions = [
      job(
        async ({ payload, write }) => {
          inside += 1
          most = Math.max(most, inside)
          await write(
            async (tx) =>
              void (await tx.sql
                .insertInto('counter')
                .values({ name: `${payload}`, value: 1 })
                .execute()),
          )
          seen.push(payload)
          inside -= 1
        },
        { concurrency: 2 },
      ),
      job(async ({ payload }) => void seen.push(payload), { name: 'other' }),
    ]
    for (let index = 0; index < 20; index += 1) await queue(database, { payload: index })
    await queue(database, { name: 'other', payload: 'other' })
    const others = await open()
    startHost(serviceOf(database), [hostJobs(definitions, random)])
    startHost(serviceOf(others), [hostJobs(definitions, random)])
    await expect.poll(async () => (await all(database)).filter(({ state }) => state === 'done')).toHaveLength(21)
    expect(new Set(seen).size).toBe(21)
    expect(seen).toHaveLength(21)
    expect(most).toBeLessThanOrEqual(2)
  })

  test('a host that is stopped gives back what it holds, and that was no try', async () => {
    const { database } = await openFresh()
    const service = serviceOf(database)
    const begun = gate()
    const waits = job(async (_, signal) => {
      begun.open()
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    await queue(database)
    const host = startHost(service, [hostJobs([waits], random)])
    await begun.opened
    host.stop()
    await host.ended
    expect(await all(database)).toMatchObject([{ state: 'queued', holder: undefined, attempts: 0 }])
    const tries: number[] = []
    await hostUntilIdle(service, [hostJobs([job(async ({ attempt }) => void tries.push(attempt))], random)])
    expect(tries).toEqual([1])
  })

  test('a host that lost its lease writes nothing more, and another does its work', async () => {
    const { database, open } = await openFresh()
    const time = clock()
    const [begun, go] = [gate(), gate()]
    const stuck = job(async ({ write }) => {
      begun.open()
      await go.opened
      await write(async (tx) => void (await tx.sql.insertInto('counter').values({ name: 'late', value: 1 }).execute()))
    })
    await queue(database, {}, time.now())
    const first = startHost(serviceOf(database, time.now), [hostJobs([stuck], random)])
    await begun.opened
    time.forward(60_000)
    const other = serviceOf(await open(), time.now)
    const seen: number[] = []
    await hostUntilIdle(other, [hostJobs([job(async ({ attempt }) => void seen.push(attempt))], random)])
    go.open()
    await expect(first.ended).rejects.toMatchObject({ code: 'conflict' })
    expect(seen).toEqual([2])
    expect(await all(database)).toMatchObject([{ state: 'done', attempts: 2, fence: 2 }])
    expect(await names(database)).not.toContain('late')
  })

  test('a job that comes again by itself has one open occurrence, whether it went well or not, with however many hosts', async () => {
    const { database } = await openFresh()
    const time = clock()
    const service = serviceOf(database, time.now)
    const ran: number[] = []
    const hourly = job(
      async () => {
        ran.push(time.now())
        if (ran.length === 2) throw new Error('once')
      },
      { name: 'hourly', every: 3_600_000, attempts: 1 },
    )
    const begin = time.now()
    await hostUntilIdle(service, [hostJobs([hourly], random)])
    await hostUntilIdle(service, [hostJobs([hourly], random)])
    expect([ran, (await all(database)).length]).toEqual([[], 1])
    for (let hour = 0; hour < 3; hour += 1) {
      time.forward(3_600_000)
      await hostUntilIdle(service, [hostJobs([hourly], random)])
      await hostUntilIdle(service, [hostJobs([hourly], random)])
    }
    expect(ran.map((at) => (at - begin) / 3_600_000)).toEqual([1, 2, 3])
    expect((await all(database)).map(({ state }) => state)).toEqual(['done', 'dead', 'done', 'queued'])
  })

  test('jobs of a kind that no host here knows are left alone, and seen when nobody comes for them', async () => {
    const { database } = await openFresh()
    const time = clock()
    const service = serviceOf(database, time.now)
    await queue(database, { name: 'of a later version' }, time.now())
    await hostUntilIdle(service, [hostJobs([job(async () => {})], random), hostFollowers([], random)])
    expect((await readJobs(service, ADA)).problems).toEqual([])
    time.forward(120_000)
    expect((await readJobs(service, ADA)).problems).toEqual([
      'Job 1 (of a later version) waits, and no worker is alive. Start one: speki worker',
    ])
  })

  test('work that fails ends the host, which stays taken for dead until another has cleared up after it', async () => {
    const { database, open } = await openFresh()
    const time = clock()
    const [begun, go] = [gate(), gate()]
    const slow = job(async (_, signal) => {
      begun.open()
      await go.opened
      signal.throwIfAborted()
    })
    await queue(database, {}, time.now())
    const failing = hostJobs([slow], random)
    let fail = false
    const look = failing.look
    const host = startHost(serviceOf(database, time.now), [
      {
        ...failing,
        async look(self, signal) {
          if (fail) throw new Error('the disk is gone')
          return await look(self, signal)
        },
      },
    ])
    await begun.opened
    fail = true
    go.open()
    await expect(host.ended).rejects.toThrow('the disk is gone')
    time.forward(60_000)
    const service = serviceOf(await open(), time.now)
    await hostUntilIdle(service, [hostJobs([job(async () => {})], random)])
    expect((await all(database)).map(({ state }) => state)).toEqual(['done'])
  })

  test('a job whose error no engine can store fails like any other, and its host goes on', async () => {
    const { database } = await openFresh()
    const service = serviceOf(database)
    const broken = job(() => Promise.reject(new Error('\0\ud83d')), { attempts: 1 })
    await queue(database)
    await hostUntilIdle(service, [hostJobs([broken], random)])
    expect(await all(database)).toMatchObject([{ state: 'dead', error: '\ufffd' }])
  })
})
