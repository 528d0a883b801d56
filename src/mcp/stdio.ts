import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import { log } from '../log.ts'
import type { Runtime } from '../operations/runtime.ts'
import type { ListedTool } from './listed-tools.ts'
import { serverFactory } from './server.ts'

/** Largest message taken from stdin; texts are refused long before, with a message instead of a closed pipe. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024

/** Serves one client until its stdin ends or a signal comes; resolves then, with the database closed. */
export async function serveOverStdio(
  runtime: Runtime,
  chosen: { readonly tools: readonly ListedTool[]; readonly readOnly: boolean },
): Promise<void> {
  const transport = new StdioServerTransport(process.stdin, process.stdout, { maxBufferSize: MAX_MESSAGE_BYTES })
  const handle = serveStdio(serverFactory({ runtime, ...chosen, session: await runtime.clientSession() }), {
    transport,
    onerror: (error) => log('warn', 'stdio.error', { message: error.message }),
  })
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
  process.stdin.once('end', stop)
  process.stdin.once('close', stop)
  // Until the end, not once: a listener of a library that finds itself alone ends the process at once.
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  await stopped
  await handle.close()
  await runtime.close()
  // A client that reads no more cannot hold it: the next signal ends it.
  process.removeListener('SIGINT', stop)
  process.removeListener('SIGTERM', stop)
}
