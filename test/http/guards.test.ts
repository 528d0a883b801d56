import { chmod, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { startHttpServer } from '../../src/http/server.ts'
import { openToken } from '../../src/http/token.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { ACCEPT, AUTHORIZED, INITIALIZE, openSession, probe, send, serve, TOKEN } from './serve.ts'

const refusal = (reply: { body: string }) => JSON.parse(reply.body) as { error: { code: number; message: string } }

test.each(['attacker.example', '127.0.0.1.attacker.example', 'localhost.', '10.0.0.1', '0.0.0.0', '[::]'])(
  'a request for the host "%s" is refused',
  async (host) => {
    const { url, servers } = await serve()
    const reply = await send(url, { headers: { host }, body: INITIALIZE })
    expect(reply.status).toBe(403)
    expect(refusal(reply).error.message).toContain('Host')
    expect(servers.made).toBe(0)
  },
)

test.each(['localhost@attacker.example', '127.0.0.1/x', '127.0.0.1 attacker.example'])(
  'a request for "%s", which is no host, is refused',
  async (host) => {
    const { url, servers } = await serve()
    expect((await send(url, { headers: { host }, body: INITIALIZE })).status).toBe(400)
    expect(servers.made).toBe(0)
  },
)

test('a request that names no host is refused', async () => {
  const { url, servers } = await serve()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const head = `POST /mcp HTTP/1.0\r\ncontent-type: application/json\r\ncontent-length: ${INITIALIZE.length}\r\n\r\n`
  socket.end(head + INITIALIZE)
  const reply = await text(socket)
  expect(reply).toMatch(/^HTTP\/1\.1 40[03] /)
  expect(servers.made).toBe(0)
})

test.each(['localhost', 'LOCALHOST:1', '127.0.0.1:65535', '[::1]', '[::1]:80'])(
  'a request for this machine by the name "%s" is served',
  async (host) => {
    const { url } = await serve()
    expect((await send(url, { headers: { host }, body: INITIALIZE })).status).toBe(200)
  },
)

test.each([
  'https://attacker.example',
  'null',
  'http://127.0.0.1.attacker.example',
  'http://localhost@attacker.example',
  'file://',
  'http://localhost:3000, https://attacker.example',
  '',
])('a page of the origin "%s" is refused, whatever the host', async (origin) => {
  const { url, servers } = await serve()
  const reply = await send(url, { headers: { origin }, body: INITIALIZE })
  expect(reply.status).toBe(403)
  expect(refusal(reply).error.message).toContain('Origin')
  expect(servers.made).toBe(0)
})

test('a page of this machine is served, but no page may read an answer across origins', async () => {
  const { url } = await serve()
  const origin = 'http://localhost:6274'
  const asked = await send(url, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
  })
  const served = await send(url, { headers: { origin }, body: INITIALIZE })
  expect(served.status).toBe(200)
  for (const reply of [asked, served]) {
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
  }
})

test('a form of a page, which needs no leave of the browser, is refused for its content type', async () => {
  const { url } = await serve()
  const reply = await send(url, {
    headers: { origin: 'http://localhost:3000', 'content-type': 'text/plain' },
    body: INITIALIZE,
  })
  expect(reply.status).toBe(415)
})

const echo = (bytes: number) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: 2,
    method: 'tools/call',
    params: { name: 'echo', arguments: { text: 'a'.repeat(bytes) } },
  })
const MIB = 1024 * 1024

test.each([
  ['with its length told', (body: string) => body],
  ['in chunks', (body: string) => body.match(/.{1,65536}/g) ?? []],
])('a body of 5 MB is refused, %s, and the server lives on', async (_, shaped) => {
  const { url } = await serve()
  const session = await openSession(url)
  const headers = { 'mcp-session-id': session }
  const reply = await send(url, { headers, body: shaped(echo(5_000_000)) })
  expect(reply.status).toBe(413)
  expect(refusal(reply).error.message).toContain(`${4 * MIB} bytes`)

  const large = await send(url, { headers, body: shaped(echo(4 * MIB - 200)) })
  expect(large.status).toBe(200)
  expect(large.body.length).toBeGreaterThan(4 * MIB - 200)
})

test('malformed JSON is a parse error, leaves no server behind, and the server lives on', async () => {
  const { url, servers } = await serve()
  for (const body of ['{"jsonrpc":', '', 'nonsense', '\0\0']) {
    const reply = await send(url, { body })
    expect(reply.status).toBe(400)
    expect(refusal(reply).error.code).toBe(-32_700)
  }
  expect(servers.connected).toBe(0)
  expect(await probe(url, await openSession(url))).toBe(200)
})

test.each([
  ['GET', '/.well-known/oauth-protected-resource'],
  ['GET', '/.well-known/oauth-protected-resource/mcp'],
  ['GET', '/.well-known/oauth-authorization-server'],
  ['GET', '/.well-known/openid-configuration'],
  ['POST', '/register'],
  ['GET', '/'],
  ['GET', '/mcp/'],
  ['GET', '/../../etc/passwd'],
])('%s %s is not there, said as small JSON', async (method, path) => {
  const { url } = await serve()
  const reply = await send(url, { method, path })
  expect(reply.status).toBe(404)
  expect(reply.headers['content-type']).toContain('application/json')
  expect(JSON.parse(reply.body)).toMatchObject({ error: 'not_found' })
  expect(reply.body.length).toBeLessThan(200)
})

const nothing = { fetch: () => Promise.resolve(new Response()), close: () => Promise.resolve() }

test.each(['0.0.0.0', '::', '192.168.1.1', '', 'example.com'])('it is not bound to the address "%s"', async (host) => {
  await expect(startHttpServer({ handler: nothing, host, port: 0, token: TOKEN })).rejects.toMatchObject({
    code: 'forbidden',
  })
})

test('a taken port is told with the way out', async () => {
  const taken = createServer()
  await new Promise<void>((ready) => taken.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void taken.close())
  const address = taken.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  await expect(
    startHttpServer({ handler: nothing, host: '127.0.0.1', port: address.port, token: TOKEN }),
  ).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringContaining('--port'),
  })
})

test('a failure of the handler is a small answer without a stack', async () => {
  const failing = { ...nothing, fetch: () => Promise.reject(new Error('a secret detail')) }
  const server = await startHttpServer({ handler: failing, host: '127.0.0.1', port: 0, token: TOKEN })
  onTestFinished(server.close)
  const reply = await send(server.url, { body: INITIALIZE })
  expect(reply.status).toBe(500)
  expect(reply.body).not.toContain('secret')
})

test.each([
  ['no token', undefined],
  ['another token', `Bearer ${'x'.repeat(44)}`],
  ['a part of it', AUTHORIZED.authorization.slice(0, -1)],
  ['more than it', `${AUTHORIZED.authorization}x`],
  ['it by another scheme', AUTHORIZED.authorization.replace('Bearer', 'Basic')],
  ['an empty one', 'Bearer '],
])('a request with %s is refused, and no server is made for it', async (_, authorization) => {
  const { url, servers } = await serve()
  const reply = await fetch(url, {
    method: 'POST',
    headers: { ...ACCEPT, ...(authorization !== undefined && { authorization }) },
    body: INITIALIZE,
  })
  expect(reply.status).toBe(401)
  expect(reply.headers.get('www-authenticate')).toBe('Bearer')
  expect(await reply.text()).toContain(TOKEN.file)
  expect(servers.made).toBe(0)
})

test('the token is made once, for its owner alone, and a file that others could know is refused', async () => {
  const file = join(await temporaryFolder(), 'deep', 'serve-token')
  const made = await openToken(file)
  expect(made.text.length).toBeGreaterThan(40)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await openToken(file)).toEqual(made)

  await chmod(file, 0o644)
  await expect(openToken(file)).rejects.toThrow(/other users/)
  await rm(file)
  await writeFile(file, '\n', { mode: 0o600 })
  await expect(openToken(file)).rejects.toThrow(/no token/)
  await rm(file)
  await symlink('/etc/hostname', file)
  await expect(openToken(file)).rejects.toThrow(/no plain file/)
})
