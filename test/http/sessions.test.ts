import { expect, test } from 'vitest'
import { z } from 'zod'
import { ACCEPT, AUTHORIZED, callOf, connectModern, connectV1, openSession, probe, send, serve } from './serve.ts'

const FOREVER = 60 * 60_000
const Texts = z.object({ content: z.array(z.object({ text: z.string() })) })
const texts = (result: unknown) => Texts.parse(result).content.map(({ text }) => text)
const names = ({ tools }: { tools: { name: string }[] }) => tools.map(({ name }) => name)

/** An open stream of notifications, as clients of 2025 hold it. */
async function listen(url: string, session: string) {
  const response = await fetch(url, { headers: { ...ACCEPT, ...AUTHORIZED, 'mcp-session-id': session } })
  expect(response.status).toBe(200)
  const reader = response.body?.getReader()
  return {
    /** Resolves when the server ends the stream, or its connection. */
    async ended() {
      for (;;) if ((await reader?.read().catch(() => undefined))?.done ?? true) return true
    },
    close: async () => await reader?.cancel(),
  }
}

test('a client of the SDK before lists, calls and is asked, in a session', async () => {
  const { url, servers } = await serve()
  const { client, transport } = await connectV1(url)
  expect(names(await client.listTools())).toEqual(['echo', 'ask', 'wait'])
  expect(texts(await client.callTool({ name: 'echo', arguments: { text: 'hi' } }))).toEqual(['hi'])
  expect(texts(await client.callTool({ name: 'ask' }))).toEqual(['Hello, Grace!'])
  expect(servers.made).toBe(1)

  const session = transport.sessionId ?? ''
  await transport.terminateSession()
  expect(await probe(url, session)).toBe(404)
  await expect.poll(() => servers.connected).toBe(0)
})

test('a client of 2026-07-28 lists, calls and is asked, without a session', async () => {
  const { url, servers } = await serve()
  const client = await connectModern(url)
  expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28')
  expect(names(await client.listTools())).toEqual(['echo', 'ask', 'wait'])
  expect(texts(await client.callTool({ name: 'echo', arguments: { text: 'hi' } }))).toEqual(['hi'])
  expect(texts(await client.callTool({ name: 'ask' }))).toEqual(['Hello, Ada!'])
  await expect.poll(() => servers.connected).toBe(0)
})

test('clients of both kinds work beside each other on one server', async () => {
  const { url } = await serve()
  const clients = [
    ...(await Promise.all(Array.from({ length: 5 }, async () => (await connectV1(url)).client))),
    ...(await Promise.all(Array.from({ length: 5 }, async () => await connectModern(url)))),
  ]
  const results = await Promise.all(
    clients.flatMap((client, index) =>
      Array.from({ length: 10 }, async (_, call) => {
        const text = `${index}:${call}`
        return texts(await client.callTool({ name: 'echo', arguments: { text } }))[0] === text
      }),
    ),
  )
  expect(results).toEqual(Array.from({ length: 100 }, () => true))
})

test.each(['2026-07-28', 'the revisions before'])(
  'a call that a client of %s gives up ends in the tool',
  async (era) => {
    const { url, waits } = await serve()
    const abort = new AbortController()
    const options = { signal: abort.signal }
    const call =
      era === '2026-07-28'
        ? (await connectModern(url)).callTool({ name: 'wait' }, options)
        : (await connectV1(url)).client.callTool({ name: 'wait' }, undefined, options)
    const failed = expect(call).rejects.toThrow()
    await expect.poll(() => waits).toEqual(['began'])
    abort.abort()
    await failed
    await expect.poll(() => waits).toEqual(['began', 'cancelled'])
  },
)

test('an unknown session is told to initialize again', async () => {
  const { url } = await serve()
  const reply = await send(url, { headers: { 'mcp-session-id': 'gone' }, body: callOf('echo', { text: 'x' }) })
  expect(reply.status).toBe(404)
  expect(reply.body).toContain('initialize again')
})

test('a session without requests and without an open stream ends', async () => {
  const { url, servers } = await serve({ limits: { sessions: 10, idleMs: 2500 } })
  const [idle, held, used] = await Promise.all([openSession(url), openSession(url), openSession(url)])
  const stream = await listen(url, held)
  expect(servers.connected).toBe(3)
  for (let call = 0; call < 6; call += 1) {
    await new Promise((later) => setTimeout(later, 500))
    expect(await probe(url, used)).toBe(200)
  }
  expect(await probe(url, idle)).toBe(404)
  expect(await probe(url, held)).toBe(200)

  await stream.close()
  await expect.poll(() => servers.connected).toBe(0)
})

test('a running call keeps its session', async () => {
  const { url, waits } = await serve({ limits: { sessions: 10, idleMs: 100 } })
  const session = await openSession(url)
  const call = send(url, { headers: { 'mcp-session-id': session }, body: callOf('wait') }).catch(() => undefined)
  await expect.poll(() => waits).toEqual(['began'])
  await new Promise((later) => setTimeout(later, 400))
  expect(await probe(url, session)).toBe(200)
  expect(waits).toEqual(['began'])
  // The client gives up its call when the server closes, at the end of the test.
  void call
})

test('at the limit the session unused longest makes room, never one in use', async () => {
  const { url, servers } = await serve({ limits: { sessions: 3, idleMs: FOREVER } })
  const first = await openSession(url)
  const second = await openSession(url)
  const third = await openSession(url)
  const stream = await listen(url, first)
  expect(await probe(url, second)).toBe(200)

  const fourth = await openSession(url)
  expect(servers.connected).toBe(3)
  expect(await probe(url, third)).toBe(404)
  for (const session of [first, second, fourth]) expect(await probe(url, session)).toBe(200)
  await stream.close()
})

test('when all sessions are in use a further client is refused and says so', async () => {
  const { url } = await serve({ limits: { sessions: 2, idleMs: FOREVER } })
  const streams = await Promise.all([1, 2].map(async () => await listen(url, await openSession(url))))
  await expect(openSession(url)).rejects.toThrow(/503 .*All 2 sessions are in use/)
  expect((await connectModern(url)).getNegotiatedProtocolVersion()).toBe('2026-07-28')
  await streams[0]?.close()
  await expect.poll(async () => await probe(url, await openSession(url))).toBe(200)
  await streams[1]?.close()
})

test('a request without a session that opens none leaves nothing behind', async () => {
  const { url, servers } = await serve({ limits: { sessions: 1, idleMs: FOREVER } })
  const session = await openSession(url)
  for (let request = 0; request < 20; request += 1) {
    expect((await send(url, { body: callOf('echo', { text: 'x' }) })).status).toBe(400)
  }
  expect(servers.connected).toBe(1)
  expect(await probe(url, session)).toBe(200)
})

test.each(['close', 'signal'] as const)('%s ends calls, streams, sessions and the port', async (way) => {
  const abort = new AbortController()
  const { url, waits, servers, close } = await serve({ signal: abort.signal })
  const session = await openSession(url)
  const stream = await listen(url, session)
  const headers = { 'mcp-session-id': session }
  const legacy = send(url, { headers, body: callOf('wait') }).catch(() => 'ended')
  const modern = (await connectModern(url)).callTool({ name: 'wait' }).catch(() => 'ended')
  await expect.poll(() => waits).toEqual(['began', 'began'])

  if (way === 'signal') abort.abort()
  await close()
  expect(await stream.ended()).toBe(true)
  await Promise.all([legacy, modern])
  expect(waits).toEqual(['began', 'began', 'cancelled', 'cancelled'])
  expect(servers.connected).toBe(0)
  await expect(send(url, { body: callOf('echo') })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
