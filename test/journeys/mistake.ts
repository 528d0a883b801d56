import { type Agent, type Answer, connect } from '../mcp/connect.ts'
import { BODY, type Claimed, makeRepository, makeTask } from '../mcp/workspace.ts'
import { stepsIn } from './named-step.ts'

export type Args = Record<string, unknown>

/** What a mistake is made of in a workspace, and what whoever makes it has at hand to go on. */
export interface Made {
  /** As given by mistake. */
  readonly args: Args
  /** For the same call again: what its reader knows better once it was told; undefined takes an argument out. */
  readonly mend?: Args
  /** For blanks of a named step. */
  readonly given?: Args
  /** What the refusal must say; by default the names of the mended arguments. */
  readonly says?: readonly string[]
}

export interface Mistake {
  readonly is: string
  readonly tool: string
  /**
   * What comes of it. At once: it is taken for what was meant. Mended: the refusal names what is wrong, and the same call
   * without it succeeds. Step: the answer names another call, and that very call succeeds.
   */
  readonly led: 'at once' | 'mended' | 'step'
  readonly make: (workspace: Workspace) => Promise<Made> | Made
}

/** One workspace for many mistakes: each makes the tasks and PRDs that it needs. */
export interface Workspace {
  readonly folder: string
  readonly agent: Agent
  /** Names of the tools that are offered. */
  readonly tools: ReadonlySet<string>
  /** Another session on the same workspace. */
  readonly other: Agent
  readonly api: string
  /** A task in api that can be claimed. */
  task(title?: string): Promise<string>
  /** One that `agent` holds. */
  held(options?: Args): Promise<Claimed & { readonly id: string; readonly token: string; readonly worktree: string }>
  /** A PRD over api and web, with two requirements. */
  prd(): Promise<string>
  /** The same with its draft. */
  draft(): Promise<{ readonly prd: string; readonly base_revision: number; readonly tasks: readonly Args[] }>
}

export async function makeWorkspace(
  folder: string,
  connectWith: (options: Parameters<typeof connect>[0]) => Promise<Agent> = connect,
): Promise<Workspace> {
  const options = { db: `${folder}/speki.db`, env: { SPEKI_HOME: `${folder}/home` } }
  const agent = await connectWith({ ...options, args: ['--project', folder] })
  const other = await connectWith({ ...options, name: 'other-agent' })
  const listed = await agent.client.listTools()
  const api = makeRepository(folder, 'api')
  const web = makeRepository(folder, 'web', { dependencies: { api: '1.0.0' } })
  for (const path of [api, web]) await agent.ok('repository_register', { path })
  let made = 0
  const task = async (title = 'A task') => {
    made += 1
    return await makeTask(agent, 'api', `${title} ${made}`)
  }
  const prd = async () => {
    made += 1
    const input = { title: `Orders ${made}`, body: BODY, repositories: ['api', 'web'] }
    return (await agent.ok<{ id: string }>('prd_create', input)).id
  }
  return {
    ...{ folder, agent, other, api, task, prd, tools: new Set(listed.tools.map(({ name }) => name)) },
    async held(claim = {}) {
      const id = await task()
      const claimed = await agent.ok<Claimed & { worktree: string }>('task_claim', { task: id, ...claim })
      return { ...claimed, id, token: claimed.lease.token }
    },
    async draft() {
      return await agent.ok('plan_draft', { prd: await prd() })
    },
  }
}

export interface Call {
  readonly tool: string
  readonly args: Args
}

/**
 * The call that an answer leads to, as a reader makes it that has nothing but the answer, what it sent, and what it was given
 * before. Throws where the answer leaves it alone.
 */
export function followUp({ tool, led }: Mistake, made: Made, answer: Answer, tools: ReadonlySet<string>): Call {
  if (led === 'mended') return { tool, args: mended(made, answer.text) }
  const next = answer.isError
    ? (answer.text.match(/^Next: (.*)$/m)?.[1] ?? '')
    : [answer.output['next']].flat().join('\n')
  const [step] = stepsIn(next, tools)
  if (step === undefined) throw new Error(`no step is named: ${answer.text}`)
  const have: Args = { ...made.args, ...made.given }
  const missing = step.blanks.filter((name) => have[name] === undefined)
  if (missing.length > 0) throw new Error(`nothing is known for ${missing.join(', ')} of ${step.tool}: ${answer.text}`)
  return {
    tool: step.tool,
    args: { ...step.args, ...Object.fromEntries(step.blanks.map((name) => [name, have[name]])) },
  }
}

/** The same call with the names that the refusal gives, and what is mended; each of it must stand in the refusal. */
function mended({ args, mend = {}, says = Object.keys(mend) }: Made, text: string): Args {
  if (!/^Next: ./m.test(text)) throw new Error(`no next step: ${text}`)
  const renamed = [...text.matchAll(/arguments: "(\w+)" is unknown; (?:did you mean "([\w.]+)"\?)?/g)]
  const again: Args = { ...args }
  for (const [, wrong = '', right] of renamed) {
    const value = again[wrong]
    delete again[wrong]
    const [name = '', inner] = right?.split('.') ?? []
    if (inner !== undefined) again[name] = { ...(again[name] as Args | undefined), [inner]: value }
    else if (name !== '') again[name] = value
  }
  for (const word of says) if (!text.includes(word)) throw new Error(`it does not name ${word}: ${text}`)
  return { ...again, ...mend }
}
