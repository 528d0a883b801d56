import { z } from 'zod'

/** What the scripted model does in one turn. */
export type Turn =
  /** Calls a tool of the MCP server under test, by its bare name. */
  | { readonly call: string; readonly args: Readonly<Record<string, unknown>> }
  /** Creates a file (absolute path, must not exist) with the client's own tool. */
  | { readonly write: string; readonly content: string }
  /** Uses a tool of the client itself, by the client's own name for it. */
  | { readonly use: string; readonly input: Readonly<Record<string, unknown>> }
  /** Runs a line in the client's own shell. */
  | { readonly shell: string; readonly background?: boolean }
  /** The model cannot be had: a status of the vendor's API, or a connection that breaks. */
  | { readonly status: number }
  | { readonly broken: 'dropped' | 'stalled' | 'garbage' }
  /** Says something and ends the conversation. */
  | { readonly say: string }

/** What the client handed back to the model for one earlier turn, exactly as the model saw it. */
export interface Returned {
  /** Bare name of the MCP tool, `write`, `shell`, or the client's own name of its own tool. */
  readonly tool: string
  readonly text: string
  /** The structured answer; undefined where the model was shown something else than a JSON object. */
  readonly output: Readonly<Record<string, unknown>> | undefined
}

/** One turn as a function of everything that came back before it. */
export type Step = (returned: readonly Returned[]) => Turn

/**
 * The turn that follows: a pure function of the conversation, so that a request which the client repeats gets the same
 * answer. A step that cannot go on (an earlier answer is not what it needs) ends the conversation and says why.
 */
export function turnAfter(steps: readonly Step[], returned: readonly Returned[]): Turn {
  const step = steps[returned.length]
  if (step === undefined) return { say: DONE }
  try {
    return step(returned)
  } catch (error) {
    const last = returned.at(-1)
    const reason = error instanceof Error ? error.message : String(error)
    return { say: `Stuck in step ${returned.length + 1}: ${reason}\nLast answer (${last?.tool}): ${last?.text}` }
  }
}

/** What the model says when every step was played. */
export const DONE = 'Every step is done.'

/** The newest answer of a tool, parsed; throws where there is none or it has another form. */
export function answerOf<T>(returned: readonly Returned[], tool: string, schema: z.ZodType<T>): T {
  const found = returned.findLast((entry) => entry.tool === tool)
  if (found === undefined) throw new Error(`${tool} has not answered`)
  return schema.parse(found.output)
}

/** The JSON object that a text is; undefined for any other text. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JsonObject.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** The JSON objects of a text with one a line; other lines are left out. */
export function parseLines(text: string): readonly Readonly<Record<string, unknown>>[] {
  return text
    .split('\n')
    .map(parseObject)
    .filter((object) => object !== undefined)
}

const JsonObject = z.record(z.string(), z.unknown())
