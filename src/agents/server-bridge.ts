import { once } from 'node:events'
import { mkdtemp, realpath } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onCode } from '../expected.ts'
import { removeOfAnyAge } from '../files/remove.ts'
import { startMarked } from '../process/run-marked.ts'
import type { AgentServer } from './agent.ts'

/** A server that runs outside of an agent's sandbox, and is spoken to from inside. */
export interface ServerBridge extends AsyncDisposable {
  /** Stands for it inside: hands on what is said, and can nothing itself. */
  readonly server: AgentServer
  /** Holds its socket; what may see that may speak to it. */
  readonly folder: string
}

const PASS_ON = `const socket = require('node:net').connect(process.argv[1])
process.stdin.pipe(socket).pipe(process.stdout)
socket.on('close', () => process.exit())
socket.on('error', (error) => { console.error(error.message); process.exit(1) })`

const HOUR = 60 * 60_000
const LIMITS = {
  wallMs: 24 * HOUR,
  stallMs: 24 * HOUR,
  lineBytes: 256 * 1024 * 1024,
  totalBytes: Number.POSITIVE_INFINITY,
}

/** Starts the server once for each client that connects, under the mark of the job, so that it ends with that. */
export async function openBridge(server: AgentServer, mark: string): Promise<ServerBridge> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'speki-mcp-')))
  const over = new AbortController()
  const clients = new Set<Promise<unknown>>()
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    const client = serve(server, `${mark}-mcp-${clients.size}`, socket, over.signal)
    clients.add(client)
  })
  const path = join(folder, 'socket')
  listener.listen(path)
  await once(listener, 'listening')
  return {
    folder,
    server: { name: server.name, command: process.execPath, args: ['-e', PASS_ON, path], env: {} },
    async [Symbol.asyncDispose]() {
      over.abort()
      listener.close()
      await Promise.all(clients)
      await removeOfAnyAge(folder, tmpdir())
    },
  }
}

async function serve(
  { command, args, env }: AgentServer,
  mark: string,
  socket: Socket,
  over: AbortSignal,
): Promise<void> {
  const gone = new AbortController()
  socket.on('error', onCode(['EPIPE', 'ECONNRESET'], undefined))
  socket.on('close', () => gone.abort())
  const run = startMarked(
    { file: command, args, folder: tmpdir(), environment: env, mark, limits: LIMITS, input: undefined },
    (line) => {
      if (socket.writable) socket.write(`${line}\n`)
    },
    AbortSignal.any([over, gone.signal]),
  )
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => run.write(text))
  socket.on('end', run.closeInput)
  await run.end
  socket.end()
}
