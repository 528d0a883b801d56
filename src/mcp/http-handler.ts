import {
  createMcpHandler,
  isLegacyRequest,
  type McpServerFactory,
  type ServerNotifier,
} from '@modelcontextprotocol/server'
import { log } from '../log.ts'
import { createHttpSessions, type SessionLimits } from './http-sessions.ts'

/** MCP over HTTP, from a web-standard request to its response. */
export interface McpFetch {
  fetch(request: Request): Promise<Response>
  /** Tells clients of 2026-07-28 that listen; a client of 2025 hears from the server of its own session. */
  readonly notify: ServerNotifier
  /** Ends every running call, open stream and session, with their timers. */
  close(): Promise<void>
}

const LIMITS: SessionLimits = { sessions: 200, idleMs: 60 * 60_000 }

/**
 * Serves every protocol revision from one definition: 2026-07-28 by a server a request, the revisions of 2025 by
 * sessions, because only a session lets a server ask its client something. Host, Origin and size of a request are the
 * business of the HTTP server in front.
 */
export function createHttpHandler(factory: McpServerFactory, limits: SessionLimits = LIMITS): McpFetch {
  const modern = createMcpHandler(factory, {
    legacy: 'reject',
    onerror: (error) => log('warn', 'http.mcp', { message: error.message }),
  })
  const sessions = createHttpSessions(factory, limits)
  return {
    notify: modern.notify,
    async fetch(request) {
      return (await isLegacyRequest(request)) ? await sessions.fetch(request) : await modern.fetch(request)
    },
    async close() {
      await Promise.all([modern.close(), sessions.close()])
    },
  }
}
