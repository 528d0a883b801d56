import { join } from 'node:path'
import { z } from 'zod'
import { type NamedStep, stepsIn } from '../journeys/named-step.ts'
import type { Returned, Step, Turn } from './scenario.ts'

/** What a person asks an agent for that was shown no documents. */
export interface Order {
  /** Folders of the working copies. */
  readonly paths: readonly string[]
  /** Names of what the work is in, as they come to be registered. */
  readonly repositories: readonly string[]
  readonly title: string
  readonly body: string
  /** What is written for a task, by the name of its repository. */
  readonly work: Readonly<Record<string, readonly { readonly file: string; readonly content: string }[]>>
}

interface Played {
  readonly turn: Turn
  readonly returned: Returned
}

const Claim = z.object({
  lease: z.object({ token: z.string() }),
  worktree: z.string(),
  task: z.object({
    id: z.string(),
    repository: z.string(),
    subpath: z.string().default('.'),
    acceptance_criteria: z.array(z.object({ criterion: z.number(), text: z.string() })),
  }),
})
type Claim = z.infer<typeof Claim>

/** Calls that are right a second time as they are. */
const REPEATED = ['task_claim']

/**
 * A model that knows its order, how to write code, and the first call of the server's instructions. From there it plays the
 * first call of each answer's `next` (or of a refusal's next step) that it can fill in, and stops where none is.
 * `over` says when its order is carried out.
 */
export function followNext(
  order: Order,
  tools: ReadonlySet<string>,
  over: (played: readonly Returned[]) => boolean,
): Step {
  return (returned) => {
    const played: Played[] = []
    // The turns are not in the conversation as the endpoint tells it; they follow from it.
    for (const answer of returned) played.push({ turn: decide(played), returned: answer })
    return decide(played)
  }

  function decide(played: readonly Played[]): Turn {
    const answers = played.map((each) => each.returned)
    if (over(answers)) return { say: DELIVERED }
    const last = answers.findLast(({ tool }) => tool !== 'write')
    if (last === undefined) return { call: 'speki_status', args: {} }
    const claim = newestClaim(answers)
    const open = claim && order.work[claim.task.repository]?.[writesSince(answers)]
    if (claim !== undefined && open !== undefined && last.tool === 'task_claim')
      return { write: join(claim.worktree, claim.task.subpath, open.file), content: open.content }
    for (const step of stepsIn(nextOf(last), tools)) {
      const args = fill(step, played)
      if (args !== undefined) return { call: step.tool, args }
    }
    throw new Error('none of the calls it names can be made')
  }

  /** The arguments of a step with its blanks filled in; undefined where the order does not say, or it was made already. */
  function fill(step: NamedStep, played: readonly Played[]): Readonly<Record<string, unknown>> | undefined {
    const answers = played.map((each) => each.returned)
    const made = played.flatMap(({ turn }) => ('call' in turn ? [turn] : []))
    const claim = newestClaim(answers)
    const draft = answers.findLast(({ tool }) => tool === 'plan_draft')?.output
    const registered = answers.flatMap(({ tool, output }) => (tool === 'repository_register' ? [output?.['name']] : []))
    const paths = made.map(({ args }) => args['path'])
    if (step.tool === 'prd_create' && !order.repositories.every((name) => registered.includes(name))) return undefined
    const known: Readonly<Record<string, unknown>> = {
      path: order.paths.find((path) => !paths.includes(path)),
      title: order.title,
      body: order.body,
      tasks: draft?.['tasks'],
      lease_token: claim?.lease.token,
      evidence: claim && evidenceOf(claim),
    }
    const blanks = Object.fromEntries(step.blanks.map((name) => [name, known[name]]))
    if (Object.values(blanks).some((value) => value === undefined)) return undefined
    const args = {
      ...step.args,
      ...blanks,
      ...(step.tool === 'prd_create' && { repositories: order.repositories }),
    }
    const same = made.some(
      ({ call, args: before }) => call === step.tool && JSON.stringify(before) === JSON.stringify(args),
    )
    return same && !REPEATED.includes(step.tool) ? undefined : args
  }
}

/** What the model says when its order is carried out. */
export const DELIVERED = 'It is delivered.'

function nextOf({ output, text }: Returned): string {
  if (output === undefined) return text.match(/^.*Next: (.*)$/m)?.[1] ?? ''
  return z.array(z.string()).parse(output['next']).join('\n')
}

function newestClaim(answers: readonly Returned[]): Claim | undefined {
  return answers
    .flatMap(({ tool, output }) => (tool === 'task_claim' ? (Claim.safeParse(output).data ?? []) : []))
    .at(-1)
}

function writesSince(answers: readonly Returned[]): number {
  return answers
    .slice(answers.findLastIndex(({ tool }) => tool === 'task_claim'))
    .filter(({ tool }) => tool === 'write').length
}

function evidenceOf({ task }: Claim) {
  const criteria = task.acceptance_criteria.map(({ criterion, text }) => ({
    criterion,
    met: true,
    how: `test: ${text}`,
  }))
  return { summary: `Wrote what ${task.repository} lacked`, criteria }
}

/** Calls of SPEKI in a conversation and what its answers cost the model, in tokens of four bytes. */
export function costOf(returned: readonly Returned[]): { readonly calls: number; readonly tokens: number } {
  const answers = returned.filter(({ tool }) => tool.includes('_'))
  return {
    calls: answers.length,
    tokens: answers.reduce((sum, { text }) => sum + Math.ceil(Buffer.byteLength(text) / 4), 0),
  }
}
