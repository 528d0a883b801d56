import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { acceptedContent, inputRequired, McpServer } from '@modelcontextprotocol/server'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { type HttpServer, startHttpServer } from '../../src/http/server.ts'
import type { Token } from '../../src/http/token.ts'
import { createHttpHandler } from '../../src/mcp/http-handler.ts'
import type { SessionLimits } from '../../src/mcp/http-sessions.ts'

/** What servers of these tests want, and what clients of them send unless they say otherwise. */
export const TOKEN: Token = { file: '/home/ada/serve-token', text: 'test-token-'.repeat(4) }
export const AUTHORIZED = { authorization: `Bearer ${TOKEN.text}` }

export interface Served extends HttpServer {
  /** What became of the calls of the tool `wait`, in order. */
  readonly waits: ('began' | 'cancelled')[]
  /** Servers made so far and those of them still connected. */
  readonly servers: { made: number; connected: number }
}

/** A server on a free port with three tools: `echo` answers, `ask` asks for a name, `wait` waits until cancelled. */
export async function serve(
  options: { readonly limits?: SessionLimits; readonly signal?: AbortSignal } = {},
): Promise<Served> {
  const waits: Served['waits'] = []
  const servers = { made: 0, connected: 0 }
  const handler = createHttpHandler(() => {
    servers.made += 1
    servers.connected += 1
    const server = new McpServer({ name: 'test', version: '1.0.0' })
    server.server.onclose = () => {
      servers.connected -= 1
    }
    const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] })
    server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, (args) => text(args.text))
    const Named = z.object({ name: z.string() })
    server.registerTool('ask', {}, ({ mcpReq }) => {
      const answer = acceptedContent(mcpReq.inputResponses, 'who', Named)
      if (answer !== undefined) return text(`Hello, ${answer.name}!`)
      return inputRequired({
        inputRequests: { who: inputRequired.elicit({ message: 'Who?', requestedSchema: Named }) },
      })
    })
    server.registerTool('wait', {}, async ({ mcpReq }) => {
      waits.push('began')
      await sleep(60_000, undefined, { signal: mcpReq.signal }).catch(() => waits.push('cancelled'))
      return text('over')
    })
    return server
  }, options.limits)
  const server = await startHttpServer({
    handler,
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    ...(options.signal && { signal: options.signal }),
  })
  onTestFinished(server.close)
  return { ...server, waits, servers }
}

const FORM = { elicitation: { form: {} } }

/** A client of 2026-07-28, which answers a form with `Ada`. */
export async function connectModern(url: string): Promise<Client> {
  const client = new Client(
    { name: 'modern', version: '1.0.0' },
    { capabilities: FORM, versionNegotiation: { mode: { pin: '2026-07-28' } } },
  )
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { name: 'Ada' } }))
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: AUTHORIZED } }))
  onTestFinished(async () => await client.close())
  return client
}

/** A client of the SDK of the generation before, which answers a form with `Grace`. */
export async function connectV1(url: string): Promise<{ client: ClientV1; transport: TransportV1 }> {
  const { ElicitRequestSchema } = await import('@modelcontextprotocol/sdk/types.js')
  const client = new ClientV1({ name: 'v1', version: '1.0.0' }, { capabilities: FORM })
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: { name: 'Grace' } }))
  const transport = new TransportV1(new URL(url), { requestInit: { headers: AUTHORIZED } })
  // Its type is older than the flag exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<ClientV1['connect']>[0])
  onTestFinished(async () => await client.close())
  return { client, transport }
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export const ACCEPT = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' }

/** A request byte by byte, with headers that `fetch` would not send. Parts of a body go in chunks, without a length. */
export async function send(
  url: string,
  options: {
    readonly method?: string
    readonly path?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string | readonly string[]
  } = {},
): Promise<Reply> {
  const { method = 'POST', headers, body, path } = options
  const target = path === undefined ? url : new URL(path, url)
  return await new Promise((resolve, reject) => {
    const outgoing = request(
      target,
      { method, headers: { ...ACCEPT, ...AUTHORIZED, ...headers }, agent: false },
      (incoming) => {
        let received = ''
        incoming.setEncoding('utf8').on('data', (part: string) => {
          received += part
        })
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: received }),
        )
        incoming.on('error', reject)
      },
    )
    outgoing.on('error', reject)
    if (Array.isArray(body)) for (const part of body) outgoing.write(part)
    outgoing.end(typeof body === 'string' ? body : undefined)
  })
}

export const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1.0.0' } },
})

export function callOf(tool: string, args: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: tool, arguments: args } })
}

/** Opens a session of 2025-11-25 and returns its id. */
export async function openSession(url: string): Promise<string> {
  const { status, headers, body } = await send(url, { body: INITIALIZE })
  const id = headers['mcp-session-id']
  if (status !== 200 || typeof id !== 'string') throw new Error(`initialize: ${status} ${body}`)
  return id
}

/** The status of a call of `echo` in a session: 200 while it lives. */
export async function probe(url: string, session: string): Promise<number> {
  const reply = await send(url, { headers: { 'mcp-session-id': session }, body: callOf('echo', { text: 'x' }) })
  return reply.status
}
