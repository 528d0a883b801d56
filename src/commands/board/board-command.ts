import { emitKeypressEvents } from 'node:readline'
import { type Command, InvalidArgumentError } from 'commander'
import type { Principal } from '../../../schemas/actor.ts'
import { keyNumber, PrdKey, RunKey } from '../../../schemas/key.ts'
import type { Service } from '../../domain/service.ts'
import type { Operation } from '../../operations/operation.ts'
import { taskGet } from '../../operations/task/task-get.ts'
import { INTERRUPTED } from '../output/exit-code.ts'
import { render } from '../output/render.ts'
import { type Screen, screenOf } from '../output/screen.ts'
import type { CallOperation, Session, WithSession } from '../session.ts'
import { runPicture } from '../watch.ts'
import { type BoardFilter, readLanes } from './lanes.ts'
import { boardPicture } from './picture.ts'
import { type BoardState, press, selectedTask, settled } from './state.ts'

const LOOK_MS = 1000
/** Filters and runs to step through. */
const LISTED = 50
const OPEN_SCREEN = '\u001b[?1049h\u001b[?25l'
const CLOSE_SCREEN = '\u001b[?25h\u001b[?1049l'

/** `speki board`: the work as columns, kept up to date; printed once where no terminal is. */
export function boardCommand(program: Command, withSession: WithSession, call: CallOperation): void {
  program
    .command('board')
    .description('The work as a board in the terminal, kept up to date; enter opens a task, v a run, q quits')
    .option('--prd <key>', 'only the tasks of this PRD', prdOf)
    .option('--repository <name>', 'only the tasks of this repository')
    .addHelpText('after', '\nExamples:\n  speki board --prd PRD-1\n  speki board --repository api | cat')
    .action((filter: BoardFilter) =>
      withSession(async (session) => {
        const service = await session.runtime.open()
        if (process.stdin.isTTY && process.stdout.isTTY && !session.json)
          return await follow(session, service, filter, call)
        const lanes = await readLanes(service, session.caller, filter, { whole: true })
        const rows = lanes.flatMap(({ name, tasks }) =>
          tasks.map(({ id, title, repository, prd, holder }) => ({ lane: name, id, title, repository, prd, holder })),
        )
        const totals = Object.fromEntries(lanes.map(({ name, total }) => [name.toLowerCase().replace(' ', '_'), total]))
        session.answer({ ...totals, tasks: rows })
      }),
    )
}

function prdOf(text: string): number {
  const key = PrdKey.safeParse(text)
  if (!key.success) throw new InvalidArgumentError('A key such as PRD-1 belongs here.')
  return keyNumber(key.data)
}

async function follow(session: Session, service: Service, filter: BoardFilter, call: CallOperation): Promise<void> {
  const { caller, signal } = session
  const { listActivity } = await import('../../domain/activity.ts')
  const { readRuns } = await import('../../domain/run/read.ts')
  const { readStatus } = await import('../../domain/status.ts')
  const keys: string[] = []
  let ring = (): void => undefined
  const onKey = (_: string | undefined, key: { readonly name?: string; readonly ctrl?: boolean }) => {
    keys.push(key.ctrl === true && key.name === 'c' ? 'interrupt' : (key.name ?? ''))
    ring()
  }
  const onChange = () => ring()
  emitKeypressEvents(process.stdin)
  process.stdin.setRawMode(true).resume().on('keypress', onKey)
  process.stdout.on('resize', onChange).write(OPEN_SCREEN)
  signal.addEventListener('abort', onChange)
  try {
    let seen: number | undefined
    let state: BoardState | undefined
    while (!signal.aborted) {
      const [newest] = await listActivity(service, caller, { limit: 1, newestFirst: true })
      if (state === undefined || newest?.id !== seen) {
        seen = newest?.id
        const status = await readStatus(service, caller, {})
        state = settled(
          {
            lane: 0,
            row: 0,
            filter,
            open: undefined,
            ...state,
            lanes: await readLanes(service, caller, state?.filter ?? filter),
            prds: status.prds.map(({ id }) => keyNumber(PrdKey.parse(id))),
            repositories: status.repositories.map(({ name }) => name),
            runs: (await readRuns(service, caller, LISTED)).map(({ id }) => id),
          },
          state && selectedTask(state)?.id,
        )
      }
      const screen = screenOf(process.stdout, service.now())
      const size = { ...screen, width: screen.width ?? 80, height: process.stdout.rows || 24 }
      const detail = await detailOf(state, service, caller, (operation, args) => call(session, operation, args), size)
      const lines = boardPicture(state, detail, size)
      process.stdout.write(`\u001b[H${lines.map((line) => `${line}\u001b[K`).join('\r\n')}\u001b[J`)
      if (keys.length === 0)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, LOOK_MS)
          ring = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      for (const key of keys.splice(0)) {
        if (key === 'interrupt') process.exitCode = INTERRUPTED
        const next: BoardState | undefined = key === 'interrupt' ? undefined : press(state, key)
        if (next === undefined) return
        // Another filter shows other tasks.
        if (next.filter !== state.filter) seen = undefined
        state = next
      }
    }
  } finally {
    signal.removeEventListener('abort', onChange)
    process.stdin.off('keypress', onKey).setRawMode(false).pause()
    process.stdout.off('resize', onChange).write(CLOSE_SCREEN)
  }
}

type Call = (operation: Operation, args: Record<string, unknown>) => Promise<Record<string, unknown>>

/** What is open over the lanes. */
async function detailOf(
  { open }: BoardState,
  service: Service,
  caller: Principal,
  call: Call,
  screen: Screen,
): Promise<string | undefined> {
  if (open === undefined) return undefined
  if ('run' in open) {
    const { readRun } = await import('../../domain/run/read.ts')
    return runPicture(await readRun(service, caller, keyNumber(RunKey.parse(open.run))), screen, service.now())
  }
  return render(await call(taskGet, { task: open.task }), screen)
}
