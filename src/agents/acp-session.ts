import { type ClientContext, methods, PROTOCOL_VERSION, RequestError } from '@agentclientprotocol/sdk'
import { z } from 'zod'
import type { AgentJob } from './agent.ts'
import type { Verdict } from './session.ts'

const Hello = z.object({
  protocolVersion: z.number(),
  agentInfo: z.object({ version: z.string().optional() }).nullish().catch(undefined),
  agentCapabilities: z
    .object({
      loadSession: z.boolean().catch(false),
      sessionCapabilities: z.object({ resume: z.unknown().optional() }).catch({}),
    })
    .catch({ loadSession: false, sessionCapabilities: {} }),
})

/** What an agent said of itself. */
export interface AcpHello {
  readonly version: string | undefined
  /** How it goes on with a session that was; undefined: it cannot. */
  readonly resume: 'load' | 'resume' | undefined
}

/** Says hello. Rejects where it is no agent of this protocol. */
export async function greet(agent: ClientContext): Promise<AcpHello> {
  const answer = await agent.request(methods.agent.initialize, {
    protocolVersion: PROTOCOL_VERSION,
    clientCapabilities: { fs: { readTextFile: true, writeTextFile: true }, terminal: false },
  })
  const hello = Hello.safeParse(answer)
  if (!hello.success) throw new Error('It answered initialize with something else.')
  const { protocolVersion, agentInfo, agentCapabilities } = hello.data
  if (protocolVersion !== PROTOCOL_VERSION)
    throw new Error(`It speaks version ${protocolVersion} of the protocol, not ${PROTOCOL_VERSION}.`)
  const { loadSession, sessionCapabilities } = agentCapabilities
  const resumes = typeof sessionCapabilities.resume === 'object' && sessionCapabilities.resume !== null
  return { version: agentInfo?.version, resume: resumes ? 'resume' : loadSession ? 'load' : undefined }
}

const Option = z.object({ value: z.string() })
const Opened = z.object({
  sessionId: z.string().optional(),
  configOptions: z
    .array(
      z.object({
        id: z.string(),
        category: z.string().nullish().catch(undefined),
        // Grouped or not.
        options: z.array(z.union([Option, z.object({ options: z.array(Option) })])).catch([]),
      }),
    )
    .nullish()
    .catch(undefined),
})

/** Begins a session, or goes on with the job's. Rejects where that fails. Resolves with its id. */
export async function openSession(agent: ClientContext, hello: AcpHello, job: AgentJob): Promise<string> {
  const place = {
    cwd: job.folder,
    mcpServers: job.servers.map(({ name, command, args, env }) => ({
      name,
      command,
      args: [...args],
      env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
    })),
  }
  const opened = Opened.parse(await open())
  const session = job.resume ?? opened.sessionId
  if (session === undefined) throw new Error('It began a session without an id.')
  if (job.model !== undefined) await chooseModel(agent, session, opened, job.model)
  return session

  async function open(): Promise<unknown> {
    if (job.resume === undefined) return await agent.request(methods.agent.session.new, place)
    const again = { ...place, sessionId: job.resume }
    if (hello.resume === 'resume') return await agent.request(methods.agent.session.resume, again)
    // Some answer with nothing.
    if (hello.resume === 'load') return (await agent.request(methods.agent.session.load, again)) ?? {}
    throw new Error('It cannot go on with a session.')
  }
}

/** Rejects where the agent does not offer the model. */
async function chooseModel(
  agent: ClientContext,
  sessionId: string,
  { configOptions }: z.infer<typeof Opened>,
  model: string,
): Promise<void> {
  const choice = configOptions?.find(({ category }) => category === 'model')
  const offered = (choice?.options ?? []).flatMap((entry) => ('options' in entry ? entry.options : [entry]))
  if (choice === undefined || !offered.some(({ value }) => value === model))
    throw new Error(
      offered.length === 0
        ? 'Its model cannot be chosen; name it in the arguments of its command, where it takes one.'
        : `It does not offer the model ${model}, but ${offered.map(({ value }) => value).join(', ')}.`,
    )
  await agent.request(methods.agent.session.setConfigOption, { sessionId, configId: choice.id, value: model })
}

/** The code for "log in first". */
const AUTH_REQUIRED = -32000
/** Codes by which JSON-RPC tells that a message was not understood. */
const NOT_UNDERSTOOD = new Set([-32700, -32600, -32601, -32602])

/** What an error in answer to the prompt means: the model's service failed, unless the agent did not understand us. */
export function failedPrompt(error: RequestError): Verdict {
  const { code } = error
  const detail = describeError(error)
  if (NOT_UNDERSTOOD.has(code)) return { outcome: 'crashed', detail }
  // Some agents tell the service's status as the code.
  const status = code === AUTH_REQUIRED ? 401 : code >= 400 && code < 600 ? code : undefined
  return { outcome: 'api_error', detail, status }
}

export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!(error instanceof RequestError) || error.data === undefined) return error.message
  const login = error.code === AUTH_REQUIRED ? ' Log in with the agent itself first.' : ''
  return `${error.message} ${JSON.stringify(error.data)}${login}`
}
