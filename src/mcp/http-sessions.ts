import { randomUUID } from 'node:crypto'
import {
  type McpServer,
  type McpServerFactory,
  type Server,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { log } from '../log.ts'

/** What keeps the memory of clients bounded that come and never say good-bye. */
export interface SessionLimits {
  /** At most so many at a time. For a further one, the session unused longest ends, but none in use. */
  readonly sessions: number
  /** Milliseconds without a request and without an open stream after which a session ends. */
  readonly idleMs: number
}

interface Session {
  readonly server: McpServer | Server
  readonly transport: WebStandardStreamableHTTPServerTransport
  /** Requests whose response has not ended: running calls and the open stream of notifications. */
  open: number
  /** Runs while nothing is open. */
  idle: NodeJS.Timeout | undefined
}

/** Sessions of the protocol revisions of 2025 over HTTP: a server each, from `initialize` to DELETE, idleness or close. */
export function createHttpSessions(factory: McpServerFactory, limits: SessionLimits) {
  /** The one unused longest first. */
  const sessions = new Map<string, Session>()
  let closed = false

  async function begin(request: Request): Promise<Response> {
    if (closed) return refusal(503, -32_000, 'The server is closing.')
    if (sessions.size >= limits.sessions && unused() === undefined)
      return refusal(503, -32_000, `All ${limits.sessions} sessions are in use. Close a client, then try again.`)
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: async (id) => {
        if (sessions.size >= limits.sessions) await end(unused())
        sessions.set(id, session)
      },
      onsessionclosed: (id) => void forget(id),
    })
    const session: Session = { server: await factory({ era: 'legacy' }), transport, open: 0, idle: undefined }
    await session.server.connect(transport)
    const response = await answer(session, request)
    // Whatever was not an `initialize` has been refused by now.
    if (transport.sessionId === undefined || closed) await session.server.close()
    return response
  }

  async function answer(session: Session, request: Request): Promise<Response> {
    session.open += 1
    clearTimeout(session.idle)
    let response: Response | undefined
    try {
      response = await session.transport.handleRequest(request)
    } finally {
      if (response?.body == null) release(session)
    }
    return response.body === null ? response : onBodyEnd(response, response.body, () => release(session))
  }

  function release(session: Session): void {
    session.open -= 1
    const id = session.transport.sessionId
    if (session.open > 0 || id === undefined || !sessions.delete(id)) return
    sessions.set(id, session)
    session.idle = setTimeout(() => {
      end(id).catch((error: unknown) => log('warn', 'http.session', { message: String(error) }))
    }, limits.idleMs)
    // Clients that have gone must not keep the process alive.
    session.idle.unref()
  }

  function unused(): string | undefined {
    for (const [id, session] of sessions) if (session.open === 0) return id
    return undefined
  }

  function forget(id: string): Session | undefined {
    const session = sessions.get(id)
    clearTimeout(session?.idle)
    sessions.delete(id)
    return session
  }

  async function end(id: string | undefined): Promise<void> {
    if (id !== undefined) await forget(id)?.server.close()
  }

  return {
    /** Answers a request that `isLegacyRequest` claims; 404 tells a client to initialize again. */
    async fetch(request: Request): Promise<Response> {
      const id = request.headers.get('mcp-session-id')
      if (id === null) return await begin(request)
      const session = sessions.get(id)
      if (session === undefined) return refusal(404, -32_001, 'This session is over; initialize again.')
      return await answer(session, request)
    },
    async close(): Promise<void> {
      closed = true
      await Promise.all([...sessions.keys()].map(end))
    },
  }
}

/** The same response; `ended` runs once: at the end of its body, at a failure, or when the client goes. */
function onBodyEnd(response: Response, body: ReadableStream<Uint8Array>, ended: () => void): Response {
  const reader = body.getReader()
  void reader.closed.then(ended, ended)
  const watched = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
  return new Response(watched, response)
}

function refusal(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', id: null, error: { code, message } }, { status })
}
