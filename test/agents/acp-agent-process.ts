import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type AgentContext,
  agent,
  methods,
  ndJsonStream,
  type PermissionOptionKind,
  RequestError,
  type RequestPermissionRequest,
  type ToolCallUpdate,
} from '@agentclientprotocol/sdk'

/**
 * An agent of the Agent Client Protocol on the library's own agent side. What it does stands in its one argument: a list
 * of steps as JSON. Sessions are kept in a file beside it, named by the second argument, so that they outlive it.
 */
export type AcpStep =
  | { readonly say: string }
  | { readonly update: Readonly<Record<string, unknown>> }
  | { readonly line: string }
  | { readonly ask: Readonly<Record<string, unknown>>; readonly offers?: readonly string[] }
  | { readonly write: string; readonly content: string }
  | { readonly read: string }
  | { readonly do: 'exit' | 'kill' | 'hang' | 'orphan' | 'flood' | 'tell servers' | 'tell secret' | 'busy' }
  | { readonly fail: number; readonly message: string }
  | { readonly stop: 'refusal' | 'max_tokens' | 'max_turn_requests' | 'cancelled' }

export interface AcpScript {
  readonly steps: readonly AcpStep[]
  /** In a session that goes on, where it is something else. */
  readonly again?: readonly AcpStep[]
  readonly hello?: 'never' | 'strange' | 'old'
  readonly resumes?: 'load' | 'resume' | 'no'
  readonly newSession?: 'auth'
  readonly models?: readonly string[]
  readonly stays?: boolean
}

const script = JSON.parse(process.argv[2] ?? '') as AcpScript
const store = process.argv[3] ?? ''
const { resumes = 'load' } = script
let cancelled = false
let { steps } = script
let chosen = ''
let servers: unknown
const known: string[] = existsSync(store) ? JSON.parse(readFileSync(store, 'utf8')) : []

const configOptions = () =>
  script.models === undefined
    ? {}
    : {
        configOptions: [
          {
            type: 'select' as const,
            id: 'the-model',
            name: 'Model',
            category: 'model',
            currentValue: script.models[0] ?? '',
            options: script.models.map((value) => ({ value, name: value })),
          },
        ],
      }

async function play(step: AcpStep, client: AgentContext, sessionId: string): Promise<void> {
  const update = async (update: Readonly<Record<string, unknown>>) =>
    await client.notify('session/update' as string, { sessionId, update })
  const say = async (text: string) =>
    await update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } })
  if ('say' in step) await say(step.say)
  else if ('update' in step) await update(step.update)
  else if ('line' in step) process.stdout.write(`${step.line}\n`)
  else if ('ask' in step) {
    const options = (step.offers ?? ['allow_always', 'allow_once', 'reject_once']).map((kind) => ({
      optionId: `option ${kind}`,
      name: kind,
      kind: kind as PermissionOptionKind,
    }))
    const toolCall = step.ask as unknown as ToolCallUpdate
    const question: RequestPermissionRequest = { sessionId, toolCall, options }
    const { outcome } = await client.request(methods.client.session.requestPermission, question)
    await say(`[${outcome.outcome === 'selected' ? outcome.optionId : outcome.outcome}]`)
  } else if ('write' in step)
    await client
      .request(methods.client.fs.writeTextFile, { sessionId, path: step.write, content: step.content })
      .catch(async (error: Error) => await say(`[${error.message}]`))
  else if ('read' in step)
    await client.request(methods.client.fs.readTextFile, { sessionId, path: step.read, line: 1, limit: 1 }).then(
      async ({ content }) => await say(`[read: ${content}]`),
      async (error: Error) => await say(`[${error.message}]`),
    )
  else if ('fail' in step) throw new RequestError(step.fail, step.message)
  else if ('do' in step) await act(step.do, say)
}

async function act(what: string, say: (text: string) => Promise<void>): Promise<void> {
  if (what === 'exit') {
    process.stderr.write('out of wit\n')
    process.exit(0)
  }
  if (what === 'kill') process.kill(process.pid, 'SIGKILL')
  if (what === 'tell servers') await say(JSON.stringify({ servers, chosen }))
  if (what === 'tell secret') await say(process.env['DEPLOY_TOKEN'] ?? 'none')
  if (what === 'orphan') {
    spawn('sh', ['-c', 'while :; do echo x >> left.txt; sleep 0.05; done'], { detached: true, stdio: 'ignore' }).unref()
    while (!existsSync('left.txt')) await pause(20)
  }
  while (what === 'hang' && !cancelled) await pause(20)
  while (what === 'busy' && !cancelled) {
    await say('still here ')
    appendFileSync('busy.txt', 'x')
    await pause(50)
  }
  while (what === 'flood') {
    const line = `{"jsonrpc":"2.0","method":"session/update","params":"${'x'.repeat(1_000_000)}"}\n`
    if (!process.stdout.write(line)) await new Promise((done) => process.stdout.once('drain', done))
  }
}

const app = agent({ name: 'scripted' })
  .onRequest(methods.agent.initialize, async () => {
    if (script.hello === 'never') await pause(600_000)
    if (script.hello === 'strange') return { hello: 'there' } as never
    return {
      protocolVersion: script.hello === 'old' ? 0 : 1,
      agentInfo: { name: 'scripted', version: '1.2.3' },
      agentCapabilities: {
        loadSession: resumes === 'load',
        ...(resumes === 'resume' && { sessionCapabilities: { resume: {} } }),
      },
    }
  })
  .onRequest(methods.agent.session.new, ({ params }) => {
    if (script.newSession === 'auth') throw RequestError.authRequired({ methods: ['login'] })
    servers = params.mcpServers
    const sessionId = `session-${known.length + 1}`
    writeFileSync(store, JSON.stringify([...known, sessionId]))
    return { sessionId, ...configOptions() }
  })
  .onRequest(methods.agent.session.load, async ({ params: { sessionId }, client }) => {
    steps = script.again ?? steps
    if (!known.includes(sessionId)) throw RequestError.sessionNotFound(sessionId)
    await play({ say: 'Said long ago. ' }, client, sessionId)
    await play({ update: { sessionUpdate: 'tool_call', toolCallId: 'old', title: 'an old call' } }, client, sessionId)
    return {}
  })
  .onRequest(methods.agent.session.resume, ({ params: { sessionId } }) => {
    if (!known.includes(sessionId)) throw RequestError.sessionNotFound(sessionId)
    return {}
  })
  .onRequest(methods.agent.session.setConfigOption, ({ params }) => {
    chosen = `${params.configId}=${params.value}`
    return { configOptions: [] }
  })
  .onRequest(methods.agent.session.prompt, async ({ params: { sessionId, prompt }, client }) => {
    writeFileSync(join(store, '..', 'prompt.json'), JSON.stringify(prompt))
    for (const step of steps) {
      if ('stop' in step) return { stopReason: step.stop }
      await play(step, client, sessionId)
    }
    return { stopReason: cancelled ? 'cancelled' : 'end_turn' }
  })
  .onNotification(methods.agent.session.cancel, () => {
    writeFileSync(join(store, '..', 'cancelled'), '')
    cancelled = true
  })

const connection = app.connect(
  ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>),
)
await connection.closed
if (script.stays === true) await pause(600_000)
process.exit(0)
