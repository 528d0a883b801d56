import { runHost } from '../../src/jobs/host.ts'
import type { Job } from '../../src/jobs/job.ts'
import { hostJobs } from '../../src/jobs/queue.ts'
import { openDatabase } from '../../src/store/open.ts'

// Hosts one kind of job until nothing is left, and kills itself, as nothing can be caught, at the point it is told.
const [where = '', point = 'never'] = process.argv.slice(2)
const database = await openDatabase(where.startsWith('postgres') ? { url: where } : { file: where })
const crash = (at: string) => {
  if (point.startsWith(at)) process.kill(process.pid, 'SIGKILL')
}
const work: Job = {
  name: 'work',
  concurrency: 1,
  attempts: 3,
  async run({ write }) {
    crash('before')
    await write(async (tx) => {
      await tx.sql
        .insertInto('counter')
        .values({ name: 'effect', value: 1 })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute()
      crash('inside')
    })
    crash('after')
  },
}
const options = { work: [hostJobs([work], () => 0)], untilIdle: true, say: () => {} }
await runHost({ database, now: Date.now }, options, new AbortController().signal)
await database.close()
