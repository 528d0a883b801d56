import { stat, statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import type { Principal } from '../../../schemas/actor.ts'
import { taskKey } from '../../../schemas/key.ts'
import { processSession } from '../../domain/access/session.ts'
import { consult, type Service } from '../../domain/service.ts'
import { ifMissing } from '../../expected.ts'
import { startTime } from '../../process/process-list.ts'
import { type Inventory, readInventory } from '../../store/inventory.ts'
import { listWorkers } from '../../store/run/workers.ts'
import type { Finding } from './finding.ts'

/** Free bytes below which a database and the runs beside it are in danger. */
const MIN_FREE = 1024 ** 3
/** A log this large is not copied back: somebody has a read open for long. */
const LARGE_LOG = 256 * 1024 ** 2
const LISTED = 20

/** What the workspace holds and who is at work in it: versions, sizes, leases, background work. */
export async function examineWorkspace(service: Service, caller: Principal): Promise<readonly Finding[]> {
  const { inventory, workers } = await consult(service, caller, 'status.read', async (reader) => ({
    inventory: await readInventory(reader),
    workers: await listWorkers(reader),
  }))
  const now = service.now()
  return [
    { subject: 'engine', state: 'ok', detail: `${inventory.engine}, schema ${inventory.migration}` },
    ...(service.database.dialect.name === 'sqlite' ? await examineDisk(service.database.location) : []),
    ...describeSizes(inventory),
    { subject: 'events', state: 'ok', detail: `${inventory.events} in the log` },
    ...listed('lease', describeLeases(inventory, now)),
    ...listed('worker', describeWorkers(workers, service)),
  ]
}

/** Room for the database, and how large it and its log are. */
async function examineDisk(file: string): Promise<readonly Finding[]> {
  const { bavail, bsize } = await statfs(dirname(file))
  const free = bavail * bsize
  const log = (await stat(`${file}-wal`).catch(ifMissing(undefined)))?.size ?? 0
  const large = log >= LARGE_LOG
  return [
    {
      subject: 'disk',
      state: free < MIN_FREE ? 'warning' : 'ok',
      detail: free < MIN_FREE ? `Only ${size(free)} are free: make room for at least 1 GiB.` : `${size(free)} free`,
    },
    {
      subject: 'database size',
      state: large ? 'warning' : 'ok',
      detail: `${size((await stat(file)).size)}, log ${size(log)}${large ? ': some process reads without an end, or was stopped; end it.' : ''}`,
    },
  ]
}

function describeSizes({ relations }: Inventory): readonly Finding[] {
  return (['table', 'index'] as const).map((kind) => {
    const of = relations.filter((relation) => relation.kind === kind)
    const largest = of.slice(0, 5).map(({ name, bytes }) => `${name} ${size(bytes)}`)
    const total = of.reduce((sum, { bytes }) => sum + bytes, 0)
    return {
      subject: kind === 'table' ? 'tables' : 'indexes',
      state: 'ok',
      detail: `${size(total)}; largest: ${largest.join(', ')}`,
    }
  })
}

function describeLeases({ leases }: Inventory, now: number): readonly Finding[] {
  return leases.map(({ taskId, holder, expiresAt }) => ({
    subject: `lease ${taskKey(taskId)}`,
    state: 'ok',
    detail:
      expiresAt > now
        ? `${holder}, until ${time(expiresAt)}`
        : `${holder}; it ran out at ${time(expiresAt)} and is freed with the next write`,
  }))
}

function describeWorkers(workers: readonly WorkerRow[], service: Service): readonly Finding[] {
  return workers.map((worker) => describeWorker(worker, service, isGone(worker, service)))
}

/** Of this machine it is known at once, also where another process has its id now; of another, when its sign of life runs out. */
function isGone({ id, host, pid, startedAt }: WorkerRow, { now, isOver }: Service): boolean {
  if (isOver?.(processSession(host, pid, id)) === true) return true
  if (host !== hostname()) return false
  const began = startTime(pid, now())
  return began !== undefined && began > startedAt + CLOCK_STEP
}

/** Milliseconds by which a start that the system tells may be off. */
const CLOCK_STEP = 2000

type WorkerRow = Awaited<ReturnType<typeof listWorkers>>[number]

function describeWorker(worker: WorkerRow, { now }: Service, gone: boolean): Finding {
  const { host, pid, leaseExpiresAt, startedAt } = worker
  const alive = !gone && leaseExpiresAt > now()
  const since = gone ? 'Its process is gone' : `No sign of life since ${time(leaseExpiresAt)}`
  return {
    subject: `worker ${pid}@${host}`,
    state: alive ? 'ok' : 'warning',
    detail: alive
      ? `At work since ${time(startedAt)}, last sign of life good until ${time(leaseExpiresAt)}`
      : `${since}; the next worker takes over: speki worker --until-idle`,
  }
}

/** Where the others are shown. */
const REST: Readonly<Record<string, string>> = {
  lease: 'speki task list --status in_progress',
  worker: 'speki job list',
}

/** All of a few; of many the first, and how many there are. */
function listed(subject: string, findings: readonly Finding[]): readonly Finding[] {
  if (findings.length === 0) return [{ subject: `${subject}s`, state: 'ok', detail: 'none' }]
  const more = findings.length - LISTED
  return more <= 0
    ? findings
    : [
        ...findings.slice(0, LISTED),
        { subject: `${subject}s`, state: 'ok', detail: `and ${more} more: ${REST[subject]}` },
      ]
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}

function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)))
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}
