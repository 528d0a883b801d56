import { describe, expect, test } from 'vitest'
import { operations } from '../../src/operations/index.ts'
import { type NamedStep, stepsIn } from '../journeys/named-step.ts'
import { shared, temporaryFolder } from '../mcp/connect.ts'
import { BODY } from '../mcp/workspace.ts'
import type { Caller } from './in-process.ts'
import { type Args, type Asked, CALLS } from './next-calls.ts'
import { buildWorlds, type Given, type Worlds } from './next-worlds.ts'

/** What a reader fills in where it was given nothing for a blank. */
const BLANKS: Args = {
  ...{
    title: 'Returns',
    body: BODY,
    text: 'A lesson',
    category: 'api',
    depends_on: [],
    findings: [],
    repositories: ['api'],
  },
}

/** Calls that bring nothing: a claim that gets none, a list with no rows, a plan that stands, what was just done. */
function uselessness(step: NamedStep, output: Args): string {
  const lists = ['tasks', 'prds', 'repositories', 'entries', 'events', 'change_sets', 'runs']
  if (step.tool === 'task_claim' && output['claimed'] !== true) return 'nothing is ready'
  if (
    /_list$|_search$/.test(step.tool) &&
    lists.some((name) => Array.isArray(output[name]) && output[name].length === 0)
  )
    return 'nothing is listed'
  if (step.tool === 'plan_draft' && !/plan_submit|Name |offset/.test(String(output['next']))) return 'its plan stands'
  return ''
}

const tools = new Set(operations.map(({ name }) => name))
const reads = new Set(operations.filter(({ effect }) => effect === 'read').map(({ name }) => name))

/** Runs the checks of every repository. */
const COSTLY: ReadonlySet<string> = new Set(['changeset_integrate', 'changeset_deliver', 'run_start'])

/** What a step names, without the keys: the same step for another task is the same. */
const shape = (next: readonly string[]) =>
  next.map((step) => step.replaceAll(/\b[A-Z]+-\d+\b|\b\d+\b|"[0-9a-f-]{8,}"/g, '#')).join('; ')

interface Walked {
  /** What became of the steps that were refused, or brought nothing. */
  readonly wrong: string[]
  readonly shapes: Set<string>
}

/** Goes through the worlds one by one, makes every call there and follows each of its steps. */
async function walk(worlds: Worlds): Promise<ReadonlyMap<string, Walked>> {
  const walked = new Map([...tools].map((tool): [string, Walked] => [tool, { wrong: [], shapes: new Set() }]))
  const calls = Object.entries(CALLS).flatMap(([tool, asked]) => asked.map(([world, args]) => ({ world, tool, args })))
  const inOrder = worlds.names.flatMap((name) => {
    const here = calls.filter(({ world }) => world === name)
    return [...here.filter(({ tool }) => reads.has(tool)), ...here.filter(({ tool }) => !reads.has(tool))]
  })
  // After reads a step is tried once in a world, whoever named it; a costly one after writes too.
  const tried = new Map<string, string>()
  for (const { world, tool, args } of inOrder) {
    const { wrong, shapes } = walked.get(tool) ?? never(tool)
    const call = { world, tool, asked: args }
    const steps = await (reads.has(tool) ? afterRead(worlds, call, tried) : afterWrite(worlds, call, tried)).catch(
      (error: Error) => [{ text: '', why: `is refused: ${error.message}` }],
    )
    if (steps.length === 0) wrong.push(`${world}: ${tool} → nothing`)
    for (const { text, why } of steps) if (why !== '') wrong.push(`${world}: ${tool} → ${text}: ${why}`)
    shapes.add(shape(steps.map(({ text }) => text)))
  }
  return walked
}

function never(tool: string): never {
  throw new Error(`${tool} is no operation.`)
}

interface Call {
  readonly world: string
  readonly tool: string
  readonly asked: Asked
}

interface Followed {
  readonly text: string
  /** Empty where it was accepted and brought something. */
  readonly why: string
}

async function afterRead(
  worlds: Worlds,
  { world, tool, asked }: Call,
  tried: Map<string, string>,
): Promise<Followed[]> {
  const given = worlds.given(world)
  const { have, args, next } = await worlds.look(world, async (me) => await make(me, tool, asked, given))
  const followed: Followed[] = []
  for (const text of next) {
    const step = firstStep(text)
    let why = tried.get(`${world} ${text}`) ?? ''
    if (step?.tool === tool && JSON.stringify(step.args) === JSON.stringify(args)) why = 'that is the call itself'
    else if (step !== undefined && !tried.has(`${world} ${text}`)) {
      const visit = reads.has(step.tool) ? worlds.look : worlds.visit
      why = await visit(world, async (me) => await follow(me, step, have))
      tried.set(`${world} ${text}`, why)
    }
    followed.push({ text, why })
  }
  return followed
}

/** The call is made anew for each step after the first, in the world as it was. */
async function afterWrite(
  worlds: Worlds,
  { world, tool, asked }: Call,
  tried: Map<string, string>,
): Promise<Followed[]> {
  const given = worlds.given(world)
  const followed: Followed[] = []
  for (let at = 0, steps = 1; at < steps; at += 1)
    await worlds.visit(world, async (me) => {
      const { have, next } = await make(me, tool, asked, given)
      steps = next.length
      for (let text = next[at]; text !== undefined; text = next[at]) {
        const step = firstStep(text)
        const known = step !== undefined && COSTLY.has(step.tool) ? tried.get(`${world} ${text}`) : undefined
        const why = step === undefined ? '' : (known ?? (await follow(me, step, have)))
        tried.set(`${world} ${text}`, why)
        followed.push({ text, why })
        // What only read has left the world as the call did.
        if (step !== undefined && known === undefined && !reads.has(step.tool)) break
        at += 1
      }
    })
  return followed
}

interface Made {
  readonly args: Args
  readonly next: readonly string[]
  /** What whoever made the call can fill a blank in with. */
  readonly have: Args
}

async function make(me: Caller, tool: string, asked: Asked, given: Given): Promise<Made> {
  const named = typeof asked === 'function' ? await asked(me) : asked
  const args = Object.fromEntries(
    Object.entries(named).map(([name, value]) => [name, value === true && name in given ? given[name] : value]),
  )
  const { next, lease } = await me.ok<{ next: string[]; lease?: { token: string } }>(tool, args)
  return { args, next, have: { ...args, ...given, ...(lease !== undefined && { lease_token: lease.token }) } }
}

/** The step a text begins with; after words such as "Mend what failed" it is for later. */
function firstStep(text: string): NamedStep | undefined {
  const [step] = stepsIn(text, tools)
  return step !== undefined && text.startsWith(step.tool) ? step : undefined
}

async function follow(me: Caller, step: NamedStep, have: Args): Promise<string> {
  const filled: Args = { ...step.args }
  for (const name of step.blanks)
    filled[name] =
      name === 'revision'
        ? (await me.ok('task_get', { task: step.args['task'] }))['revision']
        : (have[name] ?? BLANKS[name] ?? '…')
  const answer = await me.call(step.tool, filled)
  return answer.isError ? answer.text : uselessness(step, answer.output)
}

const walked = shared(async (atEnd) => {
  const worlds = await buildWorlds(await temporaryFolder(atEnd))
  atEnd(worlds.close)
  return await walk(worlds)
})

test('each operation is called in three states at least', () => {
  expect(Object.keys(CALLS).toSorted()).toEqual([...tools].toSorted())
  for (const [tool, calls] of Object.entries(CALLS)) expect(calls.length, tool).toBeGreaterThanOrEqual(3)
})

describe('next follows from the state, and each of its steps is accepted there and brings something', () => {
  test.each(Object.keys(CALLS))('%s', (tool) => {
    const { wrong, shapes } = walked().get(tool) ?? never(tool)
    expect(wrong).toEqual([])
    expect(shapes.size, [...shapes].join('\n')).toBeGreaterThan(1)
  })
})
