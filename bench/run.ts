import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { commitAll } from './repository.ts'
import { LAUNCHER, residentMegabytes, type Server, startServer } from './server.ts'
import { type Line, milliseconds } from './statistics.ts'

const REPOSITORIES = 4
/** SPEKI_BENCH_TASKS=6000 makes it last about an hour. */
const TASKS = Number(process.env['SPEKI_BENCH_TASKS'] ?? 500)
const PARALLEL = 4

/**
 * What SPEKI itself costs in a run: agents that only add a file, checks that only print a version, so that all the time is
 * worktrees, checkpoints, judgement, commits and records.
 */
export async function benchRun(folder: string): Promise<readonly Line[]> {
  const home = join(folder, 'run')
  mkdirSync(home)
  const db = join(home, 'speki.db')
  const agent = join(home, 'agent.sh')
  writeFileSync(
    agent,
    `#!/bin/sh\ncat >/dev/null\necho "export const x = 1" > "$(basename "$(dirname "$PWD")").js"\necho '{"summary":"Added.","criteria":[{"criterion":1,"met":true,"how":"by hand"}]}'\n`,
  )
  chmodSync(agent, 0o755)
  const server = await startServer(db)
  const repositories = Array.from({ length: REPOSITORIES }, (_, index) => `noop-${index}`)
  for (const name of repositories) {
    await server.call('repository_register', { path: makeRepository(home, name) })
    execFileSync(process.execPath, [LAUNCHER, 'repository', 'commands', name, '--test', 'git --version', '--db', db])
  }
  const { output: prd } = await server.call('prd_create', { title: 'Files', repositories, body: '# Files\n' })
  for (let index = 0; index < TASKS; index += 1)
    await server.call('task_create', {
      prd: prd['id'],
      title: `Add file ${index}`,
      repository: repositories[index % REPOSITORIES],
      description: 'Add a file.',
      acceptance_criteria: ['It is there'],
    })
  // One worker, which is here before the run, so that no other is started.
  const worker = spawn(process.execPath, [LAUNCHER, 'worker', '--db', db], { stdio: 'ignore' })
  await pause(3000)
  const { ms: preflight, output: started } = await server.call('run_start', {
    prd: prd['id'],
    agent: 'command',
    command: [agent],
    attempts: 1,
    parallel: PARALLEL,
  })
  const samples = await follow(server, String(started['run']), worker.pid ?? 0)
  worker.kill('SIGTERM')
  await once(worker, 'exit')
  const events = count(db, 'event')
  await server.close()
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined || last.done < TASKS)
    throw new Error(`Only ${last?.done ?? 0} of ${TASKS} tasks were done.`)
  const seconds = (last.at - first.at) / 1000
  const at = (done: number) => samples.find((sample) => sample.done >= done) ?? last
  const share = (from: number, to: number) => ((at(to).at - at(from).at) / (to - from)).toFixed(0)
  return [
    line('preflight of the run, checks of four repositories twice', `${milliseconds(preflight)} ms`),
    line(
      `${TASKS} tasks, ${PARALLEL} at a time`,
      `${seconds.toFixed(0)} s = ${((seconds * 1000) / TASKS).toFixed(0)} ms a task`,
    ),
    line('the same, the first hundred tasks / the last', `${share(0, 100)} / ${share(TASKS - 100, TASKS)} ms a task`),
    line('attempts that had to begin again', `${count(db, 'attempt') - TASKS}`),
    line('events written', `${(events / seconds).toFixed(0)} a second`),
    line(
      'memory of the worker after 100, a half and all of the tasks',
      `${[at(100), at(TASKS / 2), last].map(({ megabytes }) => megabytes).join(' / ')} MB`,
    ),
  ]
}

interface Sample {
  readonly at: number
  readonly done: number
  readonly megabytes: number | undefined
}

/** Looks once a second until every task is done, or nothing happens any more. */
async function follow(server: Server, run: string, worker: number): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  for (;;) {
    const { output } = await server.call('run_status', { id: run })
    const done = Number(output['done'])
    samples.push({ at: performance.now(), done, megabytes: residentMegabytes(worker) })
    const { state } = output['run'] as { state: string }
    if (done === TASKS || !['queued', 'running'].includes(state)) return samples
    await pause(1000)
  }
}

function count(db: string, table: string): number {
  const sql = new DatabaseSync(db, { readOnly: true })
  const row = sql.prepare(`SELECT count(*) AS n FROM ${table}`).get()
  sql.close()
  return Number(row?.['n'])
}

const line = (what: string, value: string): Line => ({ what, value, aim: '' })

function makeRepository(home: string, name: string): string {
  const root = join(home, name)
  mkdirSync(root)
  // Two repositories of one first commit are one that moved.
  writeFileSync(join(root, 'index.js'), `export const name = '${name}'\n`)
  commitAll(root)
  return root
}

const pause = async (ms: number) => await new Promise((done) => setTimeout(done, ms))
