import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AgentEvent } from '../../schemas/agent.ts'
import type { AgentJob } from '../../src/agents/agent.ts'
import { createAgent } from '../../src/agents/registry.ts'
import { findMarked } from '../../src/process/marked.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { jobIn } from './job.ts'

const signal = AbortSignal.timeout(600_000)

async function run(source: string, more: Partial<AgentJob> = {}) {
  const folder = await temporaryFolder()
  const scratch = join(folder, 'scratch')
  mkdirSync(scratch)
  const events: AgentEvent[] = []
  const job = jobIn(folder, scratch, more)
  const agent = createAgent('command', [process.execPath, '-e', source])
  return { end: await agent.run(job, (event) => void events.push(event), signal), events, marker: job.marker }
}

test('it reads the task, and what it says last is its answer', async () => {
  const { end } = await run(
    "process.stdin.on('data', (text) => console.log('read: ' + text)); process.stdin.on('end', () => console.log('{\"summary\":\"x\"}'))",
  )
  expect(end).toMatchObject({ outcome: 'ended', lastMessage: 'read: The task.\n{"summary":"x"}' })
})

test('lines that are events count as such', async () => {
  const { events, end } = await run(`console.log('{"type":"usage","usage":{"turns":2,"costUsd":0.5}}')`)
  expect(events).toContainEqual({ type: 'usage', usage: { turns: 2, costUsd: 0.5 } })
  expect(end.usage).toEqual({ turns: 2, costUsd: 0.5 })
})

test('money and turns are limited by what it tells', async () => {
  const source = `console.log('{"type":"usage","usage":{"turns":9,"costUsd":2}}'); setInterval(() => {}, 1000)`
  const limits = { turns: 5, costUsd: undefined, wallMs: 100_000, stallMs: 100_000 }
  expect((await run(source, { limits })).end.outcome).toBe('turn_limit')
  expect((await run(source, { limits: { ...limits, turns: undefined, costUsd: 1 } })).end.outcome).toBe('budget')
})

test('an exit code, a missing program, silence and endless output are told apart', async () => {
  expect((await run('process.exit(7)')).end).toMatchObject({ outcome: 'crashed', detail: 'It ended with exit code 7.' })
  const failing = "for (let line = 1; line < 9; line += 1) console.error('error ' + line); process.exitCode = 3"
  expect((await run(failing)).end.detail).toBe('It ended with exit code 3. error 4\nerror 5\nerror 6\nerror 7\nerror 8')
  const limits = { turns: undefined, costUsd: undefined, wallMs: 100_000, stallMs: 500 }
  expect((await run('setInterval(() => {}, 1000)', { limits })).end.outcome).toBe('stalled')
  const busy = "setInterval(() => console.log('x'), 20)"
  const { end, marker } = await run(busy, { limits: { ...limits, wallMs: 1000, stallMs: 100_000 } })
  expect(end.outcome).toBe('timeout')
  expect(await findMarked(marker)).toEqual([])
})

test('secrets of its environment appear in nothing it tells, also where they would be cut', async () => {
  const secret = 'hunter2-hunter2-hunter2'
  const { end, events } = await run(`console.log('x'.repeat(${100_000 - 10}) + process.env.DEPLOY_TOKEN)`, {
    environment: { DEPLOY_TOKEN: secret },
  })
  expect(JSON.stringify([end, events])).not.toContain('hunter2')
})

test('it needs a program', () => {
  expect(() => createAgent('command', [])).toThrow(/without its command/)
  expect(() => createAgent('other', [])).toThrow(/There is no agent "other"/)
})
