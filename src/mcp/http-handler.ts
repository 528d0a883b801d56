import { randomUUID } from 'node:crypto'
import {
  createMcpHandler,
  isLegacyRequest,
  type McpServerFactory,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'

/** MCP over HTTP, from a web-standard request to its response. */
export interface McpFetch {
  fetch(request: Request): Promise<Response>
  /** Ends every session and open stream. */
  close(): Promise<void>
}

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport
  usedAt: number
}

/** Sessions of 2025-era clients; the one unused longest goes when a further one comes. */
const MAX_SESSIONS = 200
const IDLE_MS = 60 * 60_000

/**
 * Serves every protocol revision: 2026-07-28 by a server a request, the revisions of 2025 by sessions, because only a
 * session lets a server ask its client something. Idle sessions are ended when the next request comes: no timer runs.
 */
export function createHttpHandler(factory: McpServerFactory, now: () => number = Date.now): McpFetch {
  const modern = createMcpHandler(factory, { legacy: 'reject' })
  const sessions = new Map<string, Session>()

  async function endIdle(): Promise<void> {
    const idle = [...sessions].filter(([, session]) => now() - session.usedAt > IDLE_MS)
    const surplus = [...sessions]
      .sort(([, a], [, b]) => a.usedAt - b.usedAt)
      .slice(0, Math.max(0, sessions.size - MAX_SESSIONS + 1))
    for (const [id, session] of [...idle, ...surplus]) {
      sessions.delete(id)
      await session.transport.close()
    }
  }

  async function open(): Promise<WebStandardStreamableHTTPServerTransport> {
    await endIdle()
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, { transport, usedAt: now() }),
      onsessionclosed: (id) => void sessions.delete(id),
    })
    const server = await factory({ era: 'legacy' })
    await server.connect(transport)
    return transport
  }

  return {
    async fetch(request) {
      if (!(await isLegacyRequest(request))) return await modern.fetch(request)
      const id = request.headers.get('mcp-session-id')
      if (id === null) return await (await open()).handleRequest(request)
      const session = sessions.get(id)
      if (session === undefined) return refusal(404, -32_001, 'That session is over; initialize again.')
      session.usedAt = now()
      return await session.transport.handleRequest(request)
    },
    async close() {
      await modern.close()
      for (const session of sessions.values()) await session.transport.close()
      sessions.clear()
    },
  }
}

function refusal(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', id: null, error: { code, message } }, { status })
}
