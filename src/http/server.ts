import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { SpekiError } from '../errors.ts'
import { log } from '../log.ts'

/** What answers at /mcp. */
interface Handler {
  fetch(request: Request): Promise<Response>
  close(): Promise<void>
}

export interface HttpServer {
  /** Address of the MCP endpoint. */
  readonly url: string
  close(): Promise<void>
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]', '::1']

/** Largest request, in bytes: four documents of the largest size. */
const MAX_BODY_BYTES = 4 * 1024 * 1024

/**
 * Serves MCP on this machine only. A request must name this machine as its host, and where a browser says which page
 * it comes from, that page must be of this machine too: so no web site reaches it by a name that points here.
 */
export async function startHttpServer(options: {
  readonly handler: Handler
  readonly host: string
  readonly port: number
}): Promise<HttpServer> {
  if (!LOOPBACK.includes(options.host)) {
    throw new SpekiError('forbidden', `SPEKI serves this machine only; ${options.host} is another address.`, {
      hint: 'Use 127.0.0.1. For a team, give each machine the same PostgreSQL.',
    })
  }
  const app = new Hono()
  app.use(async (context, next) => {
    const host = context.req.header('host')
    const origin = context.req.header('origin')
    if (host === undefined || !isLoopback(`http://${host}`))
      return context.json(problem('The Host header names another machine.'), 403)
    if (origin !== undefined && !isLoopback(origin)) return context.json(problem('The Origin is another site.'), 403)
    return await next()
  })
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (context) =>
        context.json(problem(`The request is larger than ${MAX_BODY_BYTES} bytes. Nothing was changed.`), 413),
    }),
  )
  app.all('/mcp', async (context) => await options.handler.fetch(context.req.raw))
  app.notFound((context) => context.json(problem('There is nothing here; the endpoint is /mcp.'), 404))
  app.onError((error, context) => {
    log('error', 'http.defect', { error: error.stack ?? error.message })
    return context.json(problem('The server failed; see its log.'), 500)
  })
  const { server, port } = await listen(app, options)
  return {
    url: `http://${options.host}:${port}/mcp`,
    async close() {
      await options.handler.close()
      await new Promise<void>((done) => {
        server.close(() => done())
        if ('closeAllConnections' in server) server.closeAllConnections()
      })
    },
  }
}

async function listen(app: Hono, { host, port }: { readonly host: string; readonly port: number }) {
  return await new Promise<{ server: ReturnType<typeof serve>; port: number }>((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: host, port }, (address: AddressInfo) =>
      resolve({ server, port: address.port }),
    )
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      reject(
        taken
          ? new SpekiError('conflict', `Port ${port} is taken.`, {
              hint: 'Choose another with --port; 0 takes a free one.',
              cause: error,
            })
          : error,
      )
    })
  })
}

function isLoopback(origin: string): boolean {
  return URL.canParse(origin) && LOOPBACK.includes(new URL(origin).hostname)
}

function problem(message: string) {
  return { jsonrpc: '2.0', id: null, error: { code: -32_000, message } }
}
