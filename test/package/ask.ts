import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export const HELLO = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
}

/** Starts a server, sends these requests in turn, and gives their answers. */
export async function ask(
  command: string,
  args: readonly string[],
  requests: readonly object[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Record<string, never>[]> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options })
  const answers: Record<string, never>[] = []
  const lines = createInterface({ input: child.stdout })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  for (const request of requests) child.stdin.write(`${JSON.stringify(request)}\n`)
  for await (const line of lines) {
    answers.push(JSON.parse(line))
    if (answers.length === requests.length) break
  }
  child.stdin.end()
  await ended
  return answers
}
