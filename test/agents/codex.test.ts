import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createAgent } from '../../src/agents/registry.ts'
import { temporaryFolder } from '../mcp/connect.ts'

/** What a run ends with where Codex prints these messages; the real program is asked in test/clients. */
async function endWith(message: string) {
  const folder = await temporaryFolder()
  const scratch = join(folder, 'scratch')
  mkdirSync(scratch)
  const lines = [
    { type: 'thread.started', thread_id: 'thread-1' },
    { type: 'turn.failed', error: { message } },
  ]
  const program = join(folder, 'codex')
  const printed = lines.map((line) => JSON.stringify(line)).join('\n')
  writeFileSync(program, `#!${process.execPath}\nconsole.log(${JSON.stringify(printed)})\nprocess.exitCode = 1\n`)
  chmodSync(program, 0o755)
  return await createAgent('codex', [program]).run(
    {
      prompt: 'The task.',
      folder,
      session: randomUUID(),
      resume: undefined,
      model: undefined,
      answerSchema: undefined,
      servers: [],
      protectedPaths: [],
      limits: { turns: undefined, costUsd: undefined, wallMs: 20_000, stallMs: 20_000 },
      marker: randomUUID(),
      environment: {},
      scratch,
    },
    () => {},
    AbortSignal.timeout(30_000),
  )
}

// The first two as Codex 0.169 prints them.
test.each([
  ['unexpected status 401 Unauthorized: no key, url: http://127.0.0.1:35651/v1/responses', 401],
  ['exceeded retry limit, last status: 429 Too Many Requests', 429],
  ['stream disconnected before completion: 503 bytes of 529', undefined],
  ['error sending request for url (http://127.0.0.1:500/v1/responses)', undefined],
  ['{"error":{"message":"line 404: unexpected status 404"}}', undefined],
])('of "%s" the status is %s', async (message, status) => {
  expect(await endWith(message)).toMatchObject({ outcome: 'api_error', detail: message, status, session: 'thread-1' })
})
