import { z } from 'zod'
import { RunState } from '../run.ts'
import { event } from './head.ts'

const attempt = {
  run: z.string().optional().describe('Key of the run; absent in an own chat'),
  attempt: z.int().describe('Number of the try, of this task'),
}

const ended = {
  ...attempt,
  class: z.string().optional().describe('Class of the failure'),
  summary: z.string().optional(),
}

const wanted = z.enum(['run', 'pause', 'cancel'])

/** How the run stands since; older rows do not say it. */
const run = {
  state: RunState.optional(),
  wanted: wanted.optional().describe('What people asked for last'),
  reason: z.string().optional(),
  worker: z.string().optional().describe('Who tests and delivers, or did'),
}

const changeSet = { summary: z.string() }

/** The subject of an attempt's event is its task; of the others the run or change set. */
export const runEvents = [
  event('attempt.started', 'A try began', { ...attempt, agent: z.string() }),
  event('attempt.inherited', 'Another worker looks after the try of one that died', {
    ...attempt,
    worker: z.string().describe('Who looks after it now'),
  }),
  event('attempt.landed', 'Its work is in the change set', {
    ...attempt,
    commit: z.string(),
    changeSet: z.string().describe('Key'),
  }),
  event('attempt.refused', 'It reached for what only people do, and was refused', {
    ...attempt,
    act: z.string().describe('Arguments of the command line'),
  }),
  event('attempt.failed', 'The try was at fault', ended),
  event('attempt.interrupted', "It ended through nobody's fault", ended),
  event('attempt.released', 'It was given back, or another landed', ended),
  event('run.queued', 'A run waits for a worker', {
    ...run,
    tasks: z.int(),
    agent: z.string(),
    changeSet: z.string().describe('Key'),
  }),
  event('run.started', 'A worker took it up', run),
  event('run.pause_asked', 'Somebody asked it to pause', run),
  event('run.cancel_asked', 'Somebody asked it to end', run),
  event('run.resumed', 'It goes on', run),
  event('run.retried', 'Its failed tasks have new tries', run),
  event('run.held', "It is asked to pause, for something that is no task's fault", run),
  event('run.finishing', 'A worker tests and delivers what is finished', run),
  event('run.finisher_lost', 'The worker that tested and delivered died', run),
  event('run.paused', 'It stands still', run),
  event('run.succeeded', 'Everything is done', run),
  event('run.failed', 'It cannot go on', run),
  event('run.cancelled', 'It was ended by request', run),
  event('changeset.opened', 'A change set was made', { title: z.string() }),
  event('changeset.open', 'It takes work again', changeSet),
  event('changeset.tested', 'Its parts were green together', changeSet),
  event('changeset.failed', 'Its parts were red together', changeSet),
  event('changeset.delivering', 'Its delivery began', changeSet),
  event('changeset.delivered', 'It was delivered', changeSet),
  event('changeset.stopped', 'Its delivery stopped on the way', changeSet),
  event('worker.died', 'A worker gave no sign of life', { host: z.string(), pid: z.int() }),
] as const
