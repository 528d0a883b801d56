import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AgentJob } from '../../src/agents/agent.ts'
import { createAgent } from '../../src/agents/registry.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { jobIn } from './job.ts'

/** A program in Codex's place; the real one is asked in test/clients. */
async function run(source: string, more: Partial<AgentJob> = {}, files: Readonly<Record<string, string>> = {}) {
  const folder = await temporaryFolder()
  const scratch = join(folder, 'scratch')
  mkdirSync(scratch)
  const program = join(scratch, 'codex')
  writeFileSync(program, `#!${process.execPath}\n${source}\n`, { mode: 0o755 })
  for (const [path, content] of Object.entries(files)) writeFileSync(join(folder, path), content)
  const job = jobIn(folder, scratch, more)
  return await createAgent('codex', [program]).run(job, () => {}, AbortSignal.timeout(600_000))
}

/** Source of a program that prints these lines of the stream. */
const print = (...lines: readonly object[]) =>
  `for (const line of ${JSON.stringify(lines)}) console.log(JSON.stringify(line))`

const READ = `process.stdin.on('data', (text) => console.log(JSON.stringify({ type: 'item.completed', item: { type: 'agent_message', text: String(text) } })))
process.stdin.on('end', () => console.log('{"type":"turn.completed"}'))`

test('what stands in AGENTS.md is given once, in front of the first message', async () => {
  const files = { 'AGENTS.md': 'Use tabs.' }
  expect((await run(READ, {}, files)).lastMessage).toBe('# AGENTS.md of this repository\n\nUse tabs.\n\nThe task.')
  expect((await run(READ, { resume: 'thread-1' }, files)).lastMessage).toBe('The task.')
  expect((await run(READ)).lastMessage).toBe('The task.')
})

// The first two as Codex 0.169 prints them.
test.each([
  ['unexpected status 401 Unauthorized: no key, url: http://127.0.0.1:35651/v1/responses', 401],
  ['exceeded retry limit, last status: 429 Too Many Requests', 429],
  ['stream disconnected before completion: 503 bytes of 529', undefined],
  ['error sending request for url (http://127.0.0.1:500/v1/responses)', undefined],
  ['{"error":{"message":"line 404: unexpected status 404"}}', undefined],
])('of "%s" the status is %s', async (message, status) => {
  const source = print({ type: 'thread.started', thread_id: 'thread-1' }, { type: 'turn.failed', error: { message } })
  const end = await run(`${source}\nprocess.exitCode = 1`)
  expect(end).toMatchObject({ outcome: 'api_error', detail: message, status, session: 'thread-1' })
})
