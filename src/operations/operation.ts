import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Principal } from '../../schemas/actor.ts'
import type { Action } from '../domain/access/actions.ts'
import { demand } from '../domain/access/can.ts'
import type { RepositoryProbe } from '../domain/repository/repository.ts'
import type { Request, Service } from '../domain/service.ts'
import type { ExecutionContext } from '../execution/context.ts'
import { codeOf } from '../expected.ts'
import { logDuration } from '../log.ts'
import { inRequest } from '../request.ts'
import { type Sentence, type Step, stepsOf, type WordStep, wordSentence } from '../step.ts'
import { readArguments } from './arguments.ts'
import { type Cutter, createCutter, plainAnswer, Truncated } from './text.ts'

/** What an operation does to the world, in one word; each door says it in its own way. */
export type Effect = 'read' | 'write' | 'destructive' | 'external'

const Toolset = z.enum(['status', 'registry', 'plan', 'tasks', 'execution', 'collaboration'])
type Toolset = z.infer<typeof Toolset>

/** What a call has at hand. */
export interface Call {
  readonly service: Service
  readonly probe: RepositoryProbe
  readonly caller: Principal
  /** Set where the client marked the call as one that may be sent twice. */
  readonly request: Request | undefined
  /** Tells the client how far long work is; does nothing where it did not ask. */
  readonly progress: (message: string) => void
  readonly execution: () => Promise<ExecutionContext>
  /** Starts a worker in the background. */
  readonly startWorker: () => Promise<void>
  readonly packageRoot: string
  /** Folder of the project the client works in; agents read and write files in it and in registered repositories. */
  readonly project: string
  readonly signal: AbortSignal
  /** How the door words a step. */
  readonly word: WordStep
  /** Shortens what has no room, and tells it in the answer. */
  readonly cut: Cutter
}

/** What a door hands over; the rest of a call follows from the arguments. */
export type CallFrame = Omit<Call, 'request' | 'cut'> & {
  readonly whole: boolean
  /** Whether the caller may ask for the operation of a step. */
  readonly may: (step: Step) => boolean
}

export interface Answer {
  readonly output: Record<string, unknown>
  readonly summary: string
  /** Key of the run that the call began. */
  readonly begun: string | undefined
}

interface OperationDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly toolset: Toolset
  readonly effect: Effect
  /** What the caller must be allowed to do; services ask again, and for more where it depends on the arguments. */
  readonly action: Action
  /** Part of the work loop: listed at once even where the client searches for tools. */
  readonly alwaysLoad?: true
  readonly input: Input
  readonly output: Output
  /** One or two lines that say the same as the output, shorter. */
  readonly summarize: (output: z.infer<Output>) => string
  /** Key of the run that the call began, which clients can follow as a task. */
  readonly begins?: (output: z.infer<Output>) => string | undefined
  readonly run: (
    input: z.infer<Input>,
    call: Call,
  ) => Promise<Omit<z.input<Output>, 'next'> & { readonly next: readonly (Step | Sentence)[] }>
}

/** An operation of any input and output, as a door sees it. */
export interface Operation
  extends Pick<
    OperationDefinition<z.ZodObject, z.ZodObject>,
    'name' | 'title' | 'description' | 'toolset' | 'effect' | 'action' | 'alwaysLoad'
  > {
  readonly input: z.ZodObject
  readonly output: z.ZodObject
  /** Parses the arguments, runs, and parses the answer: nothing leaves that the output schema does not say. */
  readonly call: (args: unknown, frame: CallFrame) => Promise<Answer>
}

const IdempotencyKey = z.string().min(8).max(128).optional()

/** One to three calls that make sense next, in the words of the door. */
export const Next = z.array(z.string()).max(3)

export function defineOperation<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: OperationDefinition<Input, Output>,
): Operation {
  const { input, output, run, summarize, begins, ...rest } = definition
  const strict = z.strictObject(
    definition.effect === 'read' ? input.shape : { ...input.shape, idempotency_key: IdempotencyKey },
  )
  const answered = output.extend({ truncated: Truncated.optional() })
  return {
    ...rest,
    input: strict,
    output: answered,
    async call(args, { whole, may, ...frame }) {
      demand(frame.caller, rest.action)
      const { idempotency_key: key, ...parsed } = readArguments(rest.name, strict, args)
      const request = typeof key === 'string' ? { key, tool: rest.name, hash: hashArguments(parsed) } : undefined
      const cut = createCutter(whole)
      // What is left of the strict object is exactly the input's shape.
      const { next, ...facts } = await observed(
        rest.name,
        frame.caller.name,
        async () => await run(parsed as z.infer<Input>, { ...frame, cut, request }),
      )
      const truncated = cut
        .cuts()
        .map(({ readOn, ...entry }) => ({ ...entry, read_on: wordSentence(readOn, frame.word) }))
      const answer = answered.parse(
        plainAnswer({
          ...facts,
          ...(truncated.length > 0 && { truncated }),
          next: [...new Set(openTo(may, next).map((entry) => wordSentence(entry, frame.word)))],
        }),
      )
      const result = answer as z.infer<Output>
      return { output: answer, summary: summarize(result), begun: begins?.(result) }
    },
  }
}

/** Nobody is led to what they may not do; where nothing else follows, that is said. */
function openTo(may: CallFrame['may'], next: readonly (Step | Sentence)[]): readonly (Step | Sentence)[] {
  const open = next.filter((entry) => stepsOf(entry).every(may))
  return open.length > 0 || next.length === 0
    ? open
    : ['What follows changes something, which this connection may not.']
}

/** One line in the log for each operation, under an id that its transactions and child processes carry too. */
async function observed<T>(operation: string, actor: string, work: () => Promise<T>): Promise<T> {
  return await inRequest({ id: randomUUID(), operation, actor }, async () => {
    const began = performance.now()
    let failed: string | undefined
    try {
      return await work()
    } catch (error) {
      failed = error instanceof Error ? codeOf(error) || error.name : 'unknown'
      throw error
    } finally {
      logDuration('operation', performance.now() - began, { ...(failed !== undefined && { failed }) })
    }
  })
}

function hashArguments(args: Readonly<Record<string, unknown>>): string {
  const sorted = Object.fromEntries(Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1)))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex')
}
