import { randomUUID } from 'node:crypto'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import { log } from '../log.ts'
import type { Runtime } from './runtime.ts'
import { type ListedTool, serverFactory } from './server.ts'

/** Largest message taken from stdin; texts are refused long before, with a message instead of a closed pipe. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024

/** Serves one client until its stdin ends or a signal comes; resolves then, with the database closed. */
export async function serveOverStdio(runtime: Runtime, tools: readonly ListedTool[]): Promise<void> {
  const transport = new StdioServerTransport(process.stdin, process.stdout, { maxBufferSize: MAX_MESSAGE_BYTES })
  const handle = serveStdio(serverFactory({ runtime, tools, session: randomUUID() }), {
    transport,
    onerror: (error) => log('warn', 'stdio.error', { message: error.message }),
  })
  await new Promise<void>((resolve) => {
    process.stdin.once('end', resolve)
    process.stdin.once('close', resolve)
    // For good, not once: a listener of a library that finds itself alone ends the process at once.
    process.on('SIGINT', resolve)
    process.on('SIGTERM', resolve)
  })
  await handle.close()
  await runtime.close()
}
