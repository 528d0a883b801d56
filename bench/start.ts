import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { LAUNCHER } from './server.ts'
import { type Line, median, milliseconds } from './statistics.ts'

const ROUNDS = 15

/** Cold start to the first answer beside a bare `node` that does nothing, interleaved so that both see the same machine. */
export async function benchStart(folder: string): Promise<readonly Line[]> {
  const bare: number[] = []
  const initialize: number[] = []
  const discover: number[] = []
  const listed: number[] = []
  const legacy = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
  }
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const modern = { jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta: meta } }
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } }
  // The first start fills Node's compile cache, as it does for users.
  await firstAnswer(folder, legacy)
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await bareNode())
    initialize.push(await firstAnswer(folder, legacy))
    discover.push(await firstAnswer(folder, modern))
    listed.push(await firstAnswer(folder, list))
  }
  const base = median(bare)
  const line = (what: string, samples: readonly number[], aim: string): Line => ({
    what,
    value: `${milliseconds(median(samples))} ms = ${(median(samples) / base).toFixed(1)} × node`,
    aim,
  })
  return [
    { what: 'bare node', value: `${milliseconds(base)} ms`, aim: '' },
    line('start to initialize', initialize, 'aim 3 × node'),
    line('start to server/discover', discover, 'aim 3 × node'),
    line('start to tools/list', listed, ''),
  ]
}

async function bareNode(): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' })
  await new Promise((done) => child.once('exit', done))
  return performance.now() - started
}

async function firstAnswer(folder: string, message: object): Promise<number> {
  const db = join(folder, 'start.db')
  const started = performance.now()
  const child = spawn(process.execPath, [LAUNCHER, 'mcp', '--db', db], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.write(`${JSON.stringify(message)}\n`)
  await new Promise((done) => child.stdout.once('data', done))
  const ms = performance.now() - started
  child.stdin.end()
  await new Promise((done) => child.once('exit', done))
  rmSync(db, { force: true })
  return ms
}
