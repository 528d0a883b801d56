import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { listJobs, queueJob } from '../../src/store/jobs.ts'
import { forEachDatabase } from '../store/databases.ts'

const HOST = fileURLToPath(new URL('./host-process.ts', import.meta.url))

forEachDatabase((_, openFresh) => {
  test.each(['before', 'inside', 'after'])(
    'a host that is killed %s the effect of a job: the next one does it, and the effect comes once',
    async (point) => {
      const { place, database } = await openFresh()
      await database.write(async (tx) => void (await queueJob(tx, { name: 'work', dueAt: 0 }, 0)))
      const where = 'file' in place ? place.file : place.url
      const run = async (at: string) => {
        const child = spawn(process.execPath, [HOST, where, at], { stdio: ['ignore', 'ignore', 'inherit'] })
        onTestFinished(() => void child.kill('SIGKILL'))
        return await once(child, 'exit')
      }
      expect(await run(point)).toEqual([null, 'SIGKILL'])
      expect(await run('never')).toEqual([0, null])
      const [effect, jobs] = await database.read(async (reader) => [
        await reader.sql.selectFrom('counter').select('value').where('name', '=', 'effect').executeTakeFirst(),
        await listJobs(reader, {}, 10),
      ])
      expect(effect).toEqual({ value: 1 })
      expect(jobs).toMatchObject([{ state: 'done', attempts: 2, holder: undefined }])
    },
  )

  test('a job that kills every host that takes it is left for a person after its last try', async () => {
    const { place, database } = await openFresh()
    await database.write(async (tx) => void (await queueJob(tx, { name: 'work', dueAt: 0 }, 0)))
    const where = 'file' in place ? place.file : place.url
    for (let round = 0; round < 4; round += 1) {
      const child = spawn(process.execPath, [HOST, where, 'before always'], { stdio: ['ignore', 'ignore', 'inherit'] })
      onTestFinished(() => void child.kill('SIGKILL'))
      expect((await once(child, 'exit'))[1]).toBe(round < 3 ? 'SIGKILL' : null)
    }
    const jobs = await database.read((reader) => listJobs(reader, {}, 10))
    expect(jobs).toMatchObject([{ state: 'dead', attempts: 3, error: 'Its host died.' }])
  })
})
