import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { CLI } from '../mcp/connect.ts'

/** A server process spoken to in raw JSON-RPC. A call to a process that was killed resolves to undefined: not acknowledged. */
export interface AgentProcess {
  call(tool: string, args: Record<string, unknown>): Promise<Reply | undefined>
  kill(): void
  end(): Promise<void>
  readonly alive: boolean
}

export interface Reply {
  readonly refused: string | undefined
  readonly output: Record<string, unknown>
}

export async function startAgent(workspace: { readonly db?: string; readonly url?: string }): Promise<AgentProcess> {
  const args = [CLI, 'mcp', ...(workspace.db === undefined ? [] : ['--db', workspace.db])]
  const env = { ...process.env, ...(workspace.url !== undefined && { SPEKI_DATABASE_URL: workspace.url }) }
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'], env })
  child.stdin.on('error', () => {
    // Writing to a killed process: its calls count as not acknowledged.
  })
  const waiting = new Map<
    number,
    (message: { result?: Record<string, unknown>; error?: unknown } | undefined) => void
  >()
  let alive = true
  child.once('exit', () => {
    alive = false
    for (const take of waiting.values()) take(undefined)
    waiting.clear()
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as { id: number; result?: Record<string, unknown>; error?: unknown }
    waiting.get(message.id)?.(message)
    waiting.delete(message.id)
  })
  let id = 0
  async function request(method: string, params: Record<string, unknown>) {
    if (!alive) return undefined
    id += 1
    const mine = id
    const answer = new Promise<{ result?: Record<string, unknown>; error?: unknown } | undefined>((take) =>
      waiting.set(mine, take),
    )
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: mine, method, params })}\n`)
    return await answer
  }
  await request('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: `agent-${child.pid}`, version: '1' },
  })
  return {
    async call(tool, args) {
      const message = await request('tools/call', { name: tool, arguments: args })
      if (message === undefined) return undefined
      const result = message.result as
        | { isError?: boolean; content?: { text?: string }[]; structuredContent?: Record<string, unknown> }
        | undefined
      const refused =
        message.error === undefined
          ? result?.isError
            ? (result.content?.[0]?.text ?? 'refused')
            : undefined
          : JSON.stringify(message.error)
      return { refused, output: result?.structuredContent ?? {} }
    },
    kill: () => void child.kill('SIGKILL'),
    async end() {
      if (!alive) return
      child.stdin.end()
      await once(child, 'exit')
    },
    get alive() {
      return alive
    },
  }
}
