import childProcess, { execFileSync } from 'node:child_process'
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Agent } from '../../src/agents/agent.ts'
import { createRuntime } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { personPrincipal } from '../../src/domain/access/principals.ts'
import { processSession } from '../../src/domain/access/session.ts'
import { registerRepository } from '../../src/domain/repository/repository.ts'
import type { ExecutionContext } from '../../src/execution/context.ts'
import { launchRun } from '../../src/execution/launch-run.ts'
import { hostRuns } from '../../src/execution/worker/host-runs.ts'
import { runHost } from '../../src/jobs/host.ts'
import { answers, type Claimed } from '../mcp/workspace.ts'
import { agentNamed, openInProcess } from '../operations/in-process.ts'
import { asPerson, harmOf, makeWorld, type Place, placeIn, takePicture } from './world.ts'

/** An agent at one task, and what the person does meanwhile. */
export interface Session {
  readonly kind: 'run' | 'chat'
  /** Lines of shell. */
  readonly acts: readonly string[]
  /** What it leaves as its work. */
  readonly work: 'good' | 'bad' | 'none'
  /** How an agent in its own chat ends. */
  readonly end: 'complete' | 'rollback' | 'release' | 'leave'
  /** Lines of shell of the person, in order. */
  readonly person: readonly string[]
  /** Before which of SPEKI's git commands the next of them is done; what is left comes before each act of the agent, then at the end. */
  readonly moments: readonly number[]
}

/** What came of a session, as SPEKI tells it. */
export interface Told {
  readonly text: string
}

export interface Played {
  readonly harm: readonly string[]
  readonly told: readonly Told[]
}

export interface Audit {
  readonly place: Place
  play(sessions: readonly Session[]): Promise<Played>
}

const TASKS = 3
const WORK = { good: 'echo "export const good = 1" >> src/main.js', bad: ': > src/main.js', none: ':' }
const SAY = JSON.stringify({ summary: 'Did it.', criteria: [{ criterion: 1, met: true, how: 'check' }] })
const OPTIONS = { agent: 'command', model: undefined, fallback: [], parallel: 1, attempts: 1, testFirst: false, deliver: 'none' as const, variables: [], budget: { minutes: 5 } } // biome-ignore format: one run
const PERSON = personPrincipal('ada', processSession(hostname(), process.pid, 'ada'))

/** Makes the world once: the repository registered, its base measured, tasks ready. */
export async function openAudit(folder: string): Promise<Audit> {
  const top = realpathSync(folder)
  const [live, begin] = [join(top, 'live'), join(top, 'begin')]
  const place = placeIn(live)
  const db = join(place.data, 'speki.db')
  process.env['HOME'] = place.home
  mkdirSync(live)
  makeWorld(place)
  await prepare()
  execFileSync('cp', ['-a', live, begin])
  const reset = () => {
    execFileSync('sh', ['-c', 'chmod -R u+rwX "$0" 2>/dev/null; rm -rf "$0"; cp -a "$1" "$0"', live, begin])
  }
  return {
    place,
    async play(sessions) {
      // What there should be: the person alone, at the same place.
      reset()
      let at = 0
      for (const { person } of sessions) for (const act of person) asPerson(place, act, ++at)
      const wanted = takePicture(place)
      reset()
      const clock = { at: 0 }
      const told: Told[] = []
      for (const [index, session] of sessions.entries())
        told.push(await playSession(place, db, `TASK-${index + 1}`, session, clock))
      return { harm: harmOf(wanted, takePicture(place)), told }
    },
  }

  async function prepare() {
    const runtime = createRuntime(readConfig({ db, project: place.api }))
    const signal = AbortSignal.timeout(600_000)
    const service = await runtime.open()
    const commands = [{ kind: 'test' as const, argv: ['sh', 'check.sh'], source: 'person' }]
    await registerRepository(service, PERSON, { path: place.api, commands }, runtime.probe, signal)
    await runtime.close()
    const workspace = openInProcess(db, place.api)
    const me = workspace.as(agentNamed('maker'))
    for (let task = 1; task <= TASKS; task += 1)
      await me.ok('task_create', { title: `Part ${task}`, repository: 'api', description: 'More.', acceptance_criteria: ['More'] }) // biome-ignore format: one call
    await workspace.close()
    const measuring = createRuntime(readConfig({ db, project: place.api }))
    const wanted = { tasks: [1], options: { ...OPTIONS, command: ['true'] }, lookOnly: true }
    const around = { progress: () => undefined, startWorker: async () => undefined, request: undefined }
    const { inspected } = await launchRun(await measuring.execution(), PERSON, wanted, around, signal)
    await measuring.close()
    const stop = inspected.find(({ level }) => level === 'stop')
    if (stop !== undefined) throw new Error(JSON.stringify(stop))
    const sql = new DatabaseSync(db)
    sql.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    sql.close()
  }
}

/** The agent's shell: each act begins in the worktree, as long as that is one. */
function scriptOf(place: Place, { acts, work }: Session): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
  const names = { P: place.api, L: place.hotfix, O: place.other, F: place.files, R: place.remote, H: place.home }
  const lines = [
    ...Object.entries(names).map(([name, path]) => `export ${name}=${quoted(path)}`),
    // What is planted for others to start; the agent's own programs do not count.
    `export AGENT=1 EVIL='test -n "$AGENT" || touch ${place.home}/evil'`,
    'export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b',
    'W=$(pwd -P); export W',
    WORK[work],
  ]
  for (const [index, act] of acts.entries()) {
    lines.push(`echo "turn ${index}"; ( read answer < ${quoted(turnPipe(place))} ) 2>/dev/null`)
    lines.push(`( cd "$W" && [ "$(pwd -P)" = "$W" ] || exit\n${act}\n) >/dev/null 2>&1`)
  }
  return `${lines.join('\n')}\necho ${quoted(SAY)}\nexit 0\n`
}

const turnPipe = (place: Place) => join(place.data, 'turn')

async function playSession(
  place: Place,
  db: string,
  task: string,
  session: Session,
  clock: { at: number },
): Promise<Told> {
  const left = [...session.person]
  const personActs = (count: number) => {
    for (const act of left.splice(0, count)) {
      clock.at += 1
      asPerson(place, act, clock.at)
    }
  }
  const script = join(place.data, `${task}.sh`)
  writeFileSync(script, scriptOf(place, session))
  execFileSync('mkfifo', ['-m', '600', turnPipe(place)])
  const runtime = createRuntime(readConfig({ db, project: place.api }))
  const stopCounting = beforeGit((count) => session.moments.includes(count) && personActs(1))
  try {
    if (session.kind === 'run') return await playRun()
    return await playChat()
  } finally {
    stopCounting()
    await runtime.close()
    personActs(left.length)
    execFileSync('rm', ['-f', turnPipe(place)])
  }

  async function playRun(): Promise<Told> {
    const signal = AbortSignal.timeout(300_000)
    const real = await runtime.execution()
    const context: ExecutionContext = { ...real, createAgent: (options) => listenedTo(real.createAgent(options)) }
    const wanted = { tasks: [Number(task.slice(5))], options: { ...OPTIONS, command: ['sh', script] }, lookOnly: false }
    const around = { progress: () => undefined, startWorker: async () => undefined, request: undefined }
    const { run, inspected } = await launchRun(context, PERSON, wanted, around, signal)
    if (run === undefined) return { text: JSON.stringify(inspected) }
    const said: string[] = []
    const say = (text: string) => void said.push(text)
    await runHost(context.service, { work: [hostRuns(context)], untilIdle: true, say }, signal)
    const sql = new DatabaseSync(db, { readOnly: true })
    const attempts = sql.prepare('SELECT state, report FROM attempt ORDER BY id').all()
    sql.close()
    return { text: `${said.join('\n')}\n${JSON.stringify(attempts)}` }
  }

  /** The person's next act, whenever the agent is about to do its own. */
  function listenedTo(agent: Agent): Agent {
    return {
      ...agent,
      run: async (job, onEvent, signal) =>
        await agent.run(
          job,
          (event) => {
            if (event.type === 'text' && event.text.startsWith('turn ')) answerTurn()
            onEvent(event)
          },
          signal,
        ),
    }
  }

  function answerTurn() {
    personActs(1)
    // Whoever waits opened it; where an agent was ended meanwhile nobody does.
    execFileSync('sh', ['-c', 'timeout 2 sh -c "echo go > \\"$0\\"" "$0" || true', turnPipe(place)], {
      stdio: 'ignore',
    })
  }

  async function playChat(): Promise<Told> {
    const workspace = openInProcess(db, place.api)
    const me = workspace.as(agentNamed(`chat-${task}`))
    const texts: string[] = []
    try {
      const claim = await me.ok<Claimed & { worktree: string }>('task_claim', { task, worktree: true })
      const hold = { task, lease_token: claim.lease.token }
      const acted = childProcess.spawn('sh', [script], { cwd: claim.worktree, stdio: ['ignore', 'pipe', 'ignore'] })
      acted.stdout.on('data', (chunk: Buffer) => {
        for (const _ of chunk.toString().matchAll(/^turn /gm)) answerTurn()
      })
      await new Promise((done) => acted.once('close', done))
      const call = async (name: string, args: Record<string, unknown>) =>
        void texts.push(`${name}: ${(await me.call(name, args)).text}`)
      await call('task_validate', hold)
      if (session.end === 'complete') await call('task_complete', { ...hold, evidence: answers(claim) })
      if (session.end === 'rollback') await call('task_rollback', hold)
      if (session.end === 'release') await call('task_update', { ...hold, status: 'todo' })
    } finally {
      await workspace.close()
    }
    return { text: texts.join('\n') }
  }
}

/** Calls back before each git command that this process starts. */
function beforeGit(tell: (count: number) => void): () => void {
  const { spawn } = childProcess
  let count = 0
  childProcess.spawn = ((...args: Parameters<typeof spawn>) => {
    if (args[0] === 'git') tell(++count)
    return spawn(...args)
  }) as typeof spawn
  syncBuiltinESMExports()
  return () => {
    childProcess.spawn = spawn
    syncBuiltinESMExports()
  }
}
