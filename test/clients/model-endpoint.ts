import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** A tool as the client offered it to the model. */
export interface OfferedTool {
  /** Name as sent; a tool inside a namespace as `namespace__name`. */
  readonly name: string
  readonly description: string
}

/** One request of the conversation, reduced to what tests ask about. */
export interface ModelRequest {
  readonly model: string
  readonly tools: readonly OfferedTool[]
  /** The whole of it, as JSON. */
  readonly text: string
}

/** One server-sent event; `data` goes out as JSON. */
export interface ModelEvent {
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
}

/** What a vendor's protocol makes of one POST; `request` is set where it belongs to the conversation. */
export interface ModelAnswer {
  readonly request?: Omit<ModelRequest, 'text'>
  /** A stream of events, or one JSON document. */
  readonly events?: readonly ModelEvent[]
  readonly document?: unknown
  /** Status of the document; 200 where it is not given. */
  readonly status?: number
  /** What goes wrong on the way: half of the events and then the end of the connection, or then nothing more at all. */
  readonly broken?: 'dropped' | 'stalled' | 'garbage'
}

export interface ModelEndpoint {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** Every request of the conversation so far, oldest first. */
  readonly requests: readonly ModelRequest[]
  /** Hosts the client asked for through `url` as its proxy. All of them were refused: nothing leaves the machine. */
  readonly refusedHosts: readonly string[]
  close(): Promise<void>
}

/**
 * Plays a vendor's API on loopback, at a free port. `answer` gets path and parsed body of each POST and returns undefined
 * for what that API does not have (404). Used as HTTP proxy too, it refuses every host and remembers its name.
 */
export async function startModelEndpoint(
  answer: (path: string, body: unknown) => ModelAnswer | undefined,
): Promise<ModelEndpoint> {
  const requests: ModelRequest[] = []
  const refusedHosts: string[] = []
  // Where checks need packages that are not there, npm asks for them: no doing of the client.
  const note = (host: string) => {
    if (!host.startsWith('registry.npmjs.org')) refusedHosts.push(host)
  }
  const server = createServer()
  server.on('request', async (message, response) => {
    const target = message.url ?? '/'
    if (/^https?:/.test(target)) {
      note(new URL(target).host)
      response.writeHead(403).end()
      return
    }
    const { pathname } = new URL(target, 'http://endpoint')
    const refuse = (status: number, reason: string) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: { message: reason } }))
    let answered: ModelAnswer | undefined
    let body: unknown
    try {
      body = message.method === 'POST' ? await json(message) : undefined
      answered = body === undefined ? undefined : answer(pathname, body)
    } catch (error) {
      // A request this endpoint does not understand shall end the run with a reason, not the test process.
      refuse(400, `scripted endpoint: ${String(error)}`)
      return
    }
    if (answered === undefined) {
      refuse(404, 'not offered here')
      return
    }
    if (answered.request !== undefined) requests.push({ ...answered.request, text: JSON.stringify(body) })
    if (answered.events === undefined) {
      const status = answered.status ?? 200
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answered.document))
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    const { events, broken } = answered
    const sent = events.map(({ event, data }) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    if (broken === undefined) response.end(sent.join(''))
    else if (broken === 'garbage')
      response.end('event: message_start\ndata: {"type": "mess\0\n\n<html>bad gateway</html>\n\n')
    else
      response.write(sent.slice(0, Math.ceil(sent.length / 2)).join(''), () => {
        if (broken === 'dropped') response.destroy()
      })
  })
  server.on('connect', (message, socket) => {
    note(message.url ?? '')
    // The client may hang up at once.
    socket.on('error', () => {})
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    refusedHosts,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
