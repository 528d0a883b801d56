import type { Command } from 'commander'
import { z } from 'zod'
import { plain } from '../operations/text.ts'
import type { WithSession } from './session.ts'

const Days = z.coerce.number().optional()

/** The worker, and what only people do about what runs in the background. */
export function backgroundCommands(program: Command, noun: (name: string) => Command, withSession: WithSession): void {
  program
    .command('worker')
    .description(
      'Work on runs and on what else runs in the background. Several may share the work; a signal gives back what is in hand',
    )
    .option('--until-idle', 'end when nothing is left to do')
    .action((options: { untilIdle?: boolean }) =>
      withSession(async ({ runtime, signal }) => {
        const { runHost } = await import('../jobs/host.ts')
        const { hostedWork } = await import('../execution/worker/hosted-work.ts')
        const say = (text: string) => process.stderr.write(`${new Date().toISOString()} ${plain(text)}\n`)
        const context = await runtime.execution()
        const work = hostedWork(context, Math.random)
        await runHost(context.service, { work, untilIdle: options.untilIdle ?? false, say }, signal)
      }),
    )

  program
    .command('retention')
    .description('For how many days is kept what nobody needs any more; the event log is kept for good')
    .option('--jobs <days>', 'jobs that are done')
    .option('--attempts <days>', 'raw streams and worktrees of attempts that are over')
    .action((options: { jobs?: string; attempts?: string }) =>
      withSession(async ({ runtime, caller, answer }) => {
        const { changeRetention, readRetention } = await import('../domain/retention.ts')
        const service = await runtime.open()
        if (Object.keys(options).length === 0) return answer({ ...(await readRetention(service, caller)) })
        const { jobs, attempts } = options
        const change = { jobs: Days.parse(jobs), attempts: Days.parse(attempts) }
        answer({ ...(await changeRetention(service, caller, change)) })
      }),
    )

  const job = noun('job')
  job
    .command('list')
    .description('What is queued, runs, waits for its next try, or failed for good')
    .action(() =>
      withSession(async ({ runtime, caller, answer }) => {
        const { readJobs } = await import('../domain/background.ts')
        const { counts, open, hosts, problems } = await readJobs(await runtime.open(), caller)
        answer({
          workers: hosts,
          counts,
          jobs: open.map(({ id, name, key, state, attempts, dueAt, error }) => ({
            job: id,
            name,
            ...(key !== undefined && { key }),
            state,
            attempts,
            due: new Date(dueAt).toISOString(),
            ...(error !== undefined && { error }),
          })),
          problems,
        })
      }),
    )
  job
    .command('retry <id>')
    .description('Give a job that failed for good a new set of tries')
    .action((id: string) =>
      withSession(async ({ runtime, caller, answer }) => {
        const { retryJob } = await import('../domain/background.ts')
        const { name, state } = await retryJob(await runtime.open(), caller, z.coerce.number().int().parse(id))
        answer({ job: Number(id), name, state })
      }),
    )

  const follower = noun('follower')
  follower
    .command('list')
    .description('Every subscriber of the event log, and how far it is')
    .action(() =>
      withSession(async ({ runtime, caller, answer }) => {
        const { readFollowers } = await import('../domain/background.ts')
        answer({
          followers: (await readFollowers(await runtime.open(), caller)).map((each) => ({
            name: each.name,
            state: each.state,
            last_event: each.lastEvent,
            behind: each.behind,
            set_aside: each.deadEvents.map(({ event }) => event),
            ...(each.problem !== undefined && { problem: each.problem }),
          })),
        })
      }),
    )
  follower
    .command('resume <name>')
    .description('Let a subscriber that stopped go on, and settle the events it went on without')
    .option('--skip', 'without the event at which it stopped')
    .action((name: string, { skip }: { skip?: boolean }) =>
      withSession(async ({ runtime, caller, answer }) => {
        const { resumeFollower } = await import('../domain/background.ts')
        await resumeFollower(await runtime.open(), caller, name, { skip: skip ?? false })
        answer({ follower: name, state: 'following' })
      }),
    )
  follower
    .command('forget <name>')
    .description('Forget a subscriber that is gone for good')
    .action((name: string) =>
      withSession(async ({ runtime, caller, answer }) => {
        const { forgetFollower } = await import('../domain/background.ts')
        await forgetFollower(await runtime.open(), caller, name)
        answer({ follower: name, forgotten: true })
      }),
    )
}
