import type { Service } from '../domain/service.ts'
import type { WorkerCaller } from '../domain/worker.ts'
import type { Tx } from '../store/database.ts'

/** What a job has at hand while it runs. */
export interface JobRun {
  readonly service: Service
  /** As whom it reads and writes: the host. */
  readonly worker: WorkerCaller
  /** What was asked for; the job parses it. */
  readonly payload: unknown
  /** Which try this is, from 1. */
  readonly attempt: number
  /** A transaction that is refused, with nothing changed, where the job was given to another host meanwhile. */
  write<T>(work: (tx: Tx, now: number) => Promise<T>): Promise<T>
  readonly say: (text: string) => void
}

/** A kind of job. It may be killed at any moment and begun again, so it must bear that what it does was done before. */
export interface Job {
  readonly name: string
  /** How many of this kind run at once, on all hosts together. */
  readonly concurrency: number
  /** Tries before it is left for a person. One that its host did not survive counts. */
  readonly attempts: number
  /** Milliseconds from the end of one occurrence to the next, of a job that comes again by itself; the first comes as long after a host first offers it. */
  readonly every?: number
  run(job: JobRun, signal: AbortSignal): Promise<void>
}
