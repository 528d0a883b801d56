import type { Principal } from '../../schemas/actor.ts'
import { can } from '../domain/access/can.ts'
import { SpekiError } from '../errors.ts'
import { withReadings } from '../reading/read-apart.ts'
import { nearest } from '../spec/nearest.ts'
import { BLANK, hint, type Step, step, type WordStep } from '../step.ts'
import { mapTexts, visible } from '../visible.ts'
import { refuseControlCharacters } from './arguments.ts'
import type { Answer, Operation } from './operation.ts'
import type { Runtime } from './runtime.ts'

/** What differs from door to door. */
export interface Door {
  readonly caller: Principal
  /** Tells whoever asked how far long work is. */
  readonly progress: (message: string) => void
  /** How this door words a step. */
  readonly word: WordStep
  /** Nothing is shortened: set where the answer goes to a person's screen or a file, not into a model's context. */
  readonly whole?: boolean
  readonly signal: AbortSignal
}

/** Names of files and programs mean what they say, letter by letter. */
const PLACES: ReadonlySet<string> = new Set(['path', 'command'])

/** The one place where a call is built: every door comes through here. */
export async function callOperation(runtime: Runtime, name: string, args: unknown, door: Door): Promise<Answer> {
  refuseControlCharacters(args)
  const visibleArgs = mapTexts(args, visible, PLACES)
  // Loaded with the first call: a server starts without the schemas.
  const { operations } = await import('./index.ts')
  const operation = operations.find((entry) => entry.name === name)
  if (operation === undefined) throw unknownOperation(name, operations)
  const frame = {
    service: await runtime.open(),
    probe: runtime.probe,
    execution: runtime.execution,
    startWorker: runtime.startWorker,
    packageRoot: runtime.packageRoot,
    project: runtime.project,
    whole: false,
    may: (step: Step) => mayCall(door.caller, operations, step),
    ...door,
  }
  return await withReadings(door.signal, async () => await operation.call(visibleArgs, frame))
}

function mayCall(caller: Principal, known: readonly Operation[], { operation: name }: Step): boolean {
  const named = known.find((operation) => operation.name === name)
  // Whoever may only read is shown no operation that can write, though a part of it may be a reading.
  const open = named?.effect === 'read' || caller.scopes.includes('write')
  return named !== undefined && open && can(caller, named.action).allowed
}

/** Leads on from a name that is not known to the nearest that is, with what it takes. */
export function unknownOperation(name: string, known: readonly Operation[]): SpekiError {
  const names = known.map((operation) => operation.name)
  const meant = withOwnVerb(name).find((other) => names.includes(other)) ?? nearest(name, names)
  const found = known.find((operation) => operation.name === meant)
  return new SpekiError('not_found', `There is no ${name}. Nothing was changed.`, {
    hint:
      found === undefined
        ? hint`Begin with ${step('speki_status')}. Known are: ${known.map((operation) => operation.name).join(', ')}.`
        : hint`Did you mean ${step(found.name, requiredOf(found))}? It takes: ${Object.keys(found.input.shape).join(', ')}.`,
  })
}

/** What other tools call our verbs; by its letters alone `prd_read` would be `prd_create`. */
const OWN_VERBS: Readonly<Record<string, readonly string[]>> = {
  get: ['status'],
  read: ['get', 'status'],
  show: ['get', 'status'],
  view: ['get', 'status'],
  fetch: ['get', 'status'],
  list: ['search', 'status', 'get'],
  find: ['search', 'list'],
  query: ['search', 'list'],
  search: ['list'],
  add: ['create', 'register'],
  new: ['create', 'add'],
  create: ['add', 'start', 'register'],
  finish: ['complete'],
  done: ['complete'],
  close: ['complete', 'update'],
  take: ['claim'],
  next: ['claim'],
  start: ['claim'],
  verify: ['validate'],
  test: ['validate', 'integrate'],
  delete: ['update'],
  remove: ['update'],
  archive: ['update'],
  approve: ['update'],
  release: ['update'],
  block: ['update'],
  set: ['update'],
  write: ['edit', 'add'],
  cancel: ['control', 'update'],
  pause: ['control'],
  resume: ['control'],
  retry: ['control'],
  stop: ['control'],
  merge: ['deliver'],
}

function withOwnVerb(name: string): readonly string[] {
  const at = name.lastIndexOf('_') + 1
  return (OWN_VERBS[name.slice(at)] ?? []).map((verb) => `${name.slice(0, at)}${verb}`)
}

function requiredOf({ input }: Operation): Readonly<Record<string, unknown>> {
  const required = Object.entries(input.shape).filter(([, schema]) => !schema.safeParse(undefined).success)
  return Object.fromEntries(required.map(([name]) => [name, BLANK]))
}
