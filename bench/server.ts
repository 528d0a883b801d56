import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'

export const LAUNCHER = resolve(import.meta.dirname, '../bin/speki.js')

/** A server process spoken to in raw JSON-RPC, so that what is measured is the server and not a client library. */
export interface Server {
  readonly pid: number
  call(
    tool: string,
    args: Record<string, unknown>,
  ): Promise<{ readonly ms: number; readonly output: Record<string, unknown> }>
  request(method: string, params: Record<string, unknown>): Promise<Record<string, unknown>>
  close(): Promise<void>
}

export async function startServer(db: string): Promise<Server> {
  const child = spawn(process.execPath, [LAUNCHER, 'mcp', '--db', db], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = new Promise<void>((done) => child.once('exit', () => done()))
  const waiting = new Map<number, (message: Record<string, unknown>) => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as Record<string, unknown>
    waiting.get(message['id'] as number)?.(message)
  })
  let id = 0
  async function request(method: string, params: Record<string, unknown>) {
    id += 1
    const mine = id
    const answer = new Promise<Record<string, unknown>>((take) => waiting.set(mine, take))
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: mine, method, params })}\n`)
    const message = await answer
    waiting.delete(mine)
    if (message['error'] !== undefined) throw new Error(`${method}: ${JSON.stringify(message['error'])}`)
    return message['result'] as Record<string, unknown>
  }
  await request('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1' },
  })
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`)
  return {
    pid: child.pid ?? 0,
    request,
    async call(tool, args) {
      const started = performance.now()
      const result = await request('tools/call', { name: tool, arguments: args })
      const ms = performance.now() - started
      if (result['isError'] === true) throw new Error(`${tool}: ${JSON.stringify(result['content'])}`)
      return { ms, output: result['structuredContent'] as Record<string, unknown> }
    },
    async close() {
      child.stdin.end()
      await exited
    },
  }
}

/** Memory that a process holds, where the system tells. */
export function residentMegabytes(pid: number): number | undefined {
  try {
    const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024)
  } catch {
    // Only Linux tells it this way; elsewhere ps does.
    const output = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
    return Math.round(Number(output) / 1024)
  }
}
