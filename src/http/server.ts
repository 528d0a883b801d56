import type { AddressInfo } from 'node:net'
import { type ServerType, serve } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { SpekiError } from '../errors.ts'
import { log } from '../log.ts'
import { carriesToken, type Token } from './token.ts'

/** What answers at /mcp. */
interface Handler {
  fetch(request: Request): Promise<Response>
  close(): Promise<void>
}

export interface HttpServer {
  /** Address of the MCP endpoint. */
  readonly url: string
  /** Ends every request and connection, then gives the port back. Later calls wait for the first. */
  close(): Promise<void>
}

const LOOPBACK = ['127.0.0.1', 'localhost', '::1']
const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i
const LOOPBACK_ORIGIN = /^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i

/** Largest request, in bytes: four documents of the largest size. */
const MAX_BODY_BYTES = 4 * 1024 * 1024

/**
 * Serves MCP on this machine only. A request must name this machine as its host, and where a browser says which page
 * it comes from, that page must be of this machine too: so no web site reaches it by a name that points here. No page
 * of any origin can read an answer, because none carries CORS headers. And it must carry the token, as every user of
 * the machine reaches the port.
 * Throws `forbidden` for a host that is another address, `conflict` for a port that is taken.
 * @param options.port 0 takes a free one
 * @param options.signal closes the server
 */
export async function startHttpServer(options: {
  readonly handler: Handler
  readonly host: string
  readonly port: number
  readonly token: Token
  readonly signal?: AbortSignal
}): Promise<HttpServer> {
  const { handler, host, signal } = options
  if (!LOOPBACK.includes(host)) {
    throw new SpekiError('forbidden', `SPEKI serves this machine only; ${host} is another address.`, {
      hint: 'Use 127.0.0.1. For a team, give each machine the same PostgreSQL.',
    })
  }
  signal?.throwIfAborted()
  const { server, port } = await listen(createApp(handler, options.token), host, options.port)

  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= closeServer(handler, server)
    return closing
  }
  const onAbort = () => {
    close().catch((error: unknown) => log('error', 'http.close', { error: String(error) }))
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/mcp`, close }
}

function createApp(handler: Handler, token: Token): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    const host = context.req.header('host')
    const origin = context.req.header('origin')
    if (host === undefined || !LOOPBACK_HOST.test(host))
      return context.json(problem('The Host header names another machine.'), 403)
    if (origin !== undefined && !LOOPBACK_ORIGIN.test(origin))
      return context.json(problem('The Origin is another site.'), 403)
    return await next()
  })
  app.use('/mcp', async (context, next) => {
    if (carriesToken(context.req.header('authorization'), token)) return await next()
    context.header('WWW-Authenticate', 'Bearer')
    return context.json(problem(`Send "Authorization: Bearer TOKEN" with the token in ${token.file}.`), 401)
  })
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (context) =>
        context.json(problem(`The request is larger than ${MAX_BODY_BYTES} bytes. Nothing was changed.`), 413),
    }),
  )
  app.all('/mcp', async (context) => await handler.fetch(context.req.raw))
  // In the shape of OAuth errors: clients look for its metadata here, and one of them breaks on an answer it cannot read.
  app.notFound((context) =>
    context.json(
      {
        error: 'not_found',
        error_description:
          'There is nothing here. The MCP endpoint is /mcp; it wants the token of speki serve, and no sign-in.',
      },
      404,
    ),
  )
  app.onError((error, context) => {
    log('error', 'http.defect', { error: error.stack ?? error.message })
    return context.json(problem('The server failed; see its log.'), 500)
  })
  return app
}

async function listen(app: Hono, hostname: string, port: number): Promise<{ server: ServerType; port: number }> {
  return await new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname, port }, (address: AddressInfo) =>
      resolve({ server, port: address.port }),
    )
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      reject(
        new SpekiError('conflict', `Port ${port} is taken.`, {
          hint: 'Choose another with --port; 0 takes a free one.',
          cause: error,
        }),
      )
    })
  })
}

async function closeServer(handler: Handler, server: ServerType): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  await handler.close()
  if ('closeAllConnections' in server) server.closeAllConnections()
  await closed
}

function problem(message: string) {
  return { jsonrpc: '2.0', id: null, error: { code: -32_000, message } }
}
