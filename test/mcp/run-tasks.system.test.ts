import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  hasTaskServerCapabilityV2,
  isCreateTaskResultV2,
  isDetailedTaskV2,
} from '@modelcontextprotocol/ext-tasks/core/v2'
import { expect, onTestFinished, test } from 'vitest'
import { answer, scriptedAgent } from '../execution/scripted-agent.ts'
import { CLI, temporaryFolder } from './connect.ts'
import { makeRepository } from './workspace.ts'

type Json = Record<string, unknown>

/** A client of 2026-07-28 without a library: none of those at hand speaks the extension of tasks by itself. */
function startClient(db: string) {
  const child = spawn(process.execPath, [CLI, 'mcp', '--db', db], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill())
  const waiting = new Map<number, (message: Json) => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message: Json = JSON.parse(line)
    waiting.get(Number(message['id']))?.(message)
  })
  let id = 0
  return async (method: string, params: Json, extensions: Json = {}): Promise<Json> => {
    id += 1
    const mine = id
    const reply = new Promise<Json>((take) => waiting.set(mine, take))
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': { extensions },
    }
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: mine, method, params: { ...params, _meta: meta } })}\n`)
    return await reply
  }
}

const TASKS = { 'io.modelcontextprotocol/tasks': {} }

async function begin() {
  const folder = await temporaryFolder()
  const ask = startClient(join(folder, 'speki.db'))
  const call = async (name: string, args: Json, extensions?: Json) =>
    ((await ask('tools/call', { name, arguments: args }, extensions))['result'] ?? {}) as Json
  await call('repository_register', { path: makeRepository(folder, 'api') })
  const created = await call('task_create', {
    title: 'More',
    repository: 'api',
    description: 'More.',
    acceptance_criteria: ['The check is green'],
  })
  const task = (created['structuredContent'] as Json)['id']
  const gate = join(folder, 'go')
  const command = scriptedAgent(folder, {
    More: [{ append: { 'index.js': 'export const more = 1\n' }, waitFor: gate, say: answer(1) }],
  })
  const start = { tasks: [task], agent: 'command', command, attempts: 1 }
  return { ask, call, start, open: () => writeFileSync(gate, '') }
}

/** Asks until the task is over. */
async function settled(ask: (method: string, params: Json, extensions?: Json) => Promise<Json>, taskId: unknown) {
  for (;;) {
    const { result } = (await ask('tasks/get', { taskId }, TASKS)) as { result: Json }
    expect(isDetailedTaskV2(result), JSON.stringify(result)).toBe(true)
    expect(result['resultType']).toBe('complete')
    if (result['status'] !== 'working') return result
    await new Promise((done) => setTimeout(done, 100))
  }
}

test('a client that takes tasks gets one for a run, and its result when the run is over', async () => {
  const { ask, call, start, open } = await begin()
  const { result: said } = (await ask('server/discover', {}, TASKS)) as { result: Json }
  expect(hasTaskServerCapabilityV2(said['capabilities'] as never)).toBe(true)

  const created = await call('run_start', start, TASKS)
  expect(isCreateTaskResultV2(created), JSON.stringify(created)).toBe(true)
  expect(created).toMatchObject({ resultType: 'task', taskId: 'RUN-1', status: 'working', ttlMs: null })
  expect(await ask('tasks/update', { taskId: 'RUN-1', inputResponses: {} }, TASKS)).toHaveProperty('result')
  open()
  const over = await settled(ask, 'RUN-1')
  expect(over).toMatchObject({
    status: 'completed',
    statusMessage: 'RUN-1 is succeeded: 1 of 1 tasks done',
    result: {
      structuredContent: { started: true, run: 'RUN-1', state: 'succeeded', next: ['changeset_get change_set="CS-1"'] },
    },
  })
  // What is over stays as it ended.
  expect(await ask('tasks/cancel', { taskId: 'RUN-1' }, TASKS)).toHaveProperty('result')
  expect((await settled(ask, 'RUN-1'))['status']).toBe('completed')
})

test('a task that is cancelled cancels its run; one that is not there is told', async () => {
  const { ask, call, start } = await begin()
  await call('run_start', start, TASKS)
  expect(await ask('tasks/cancel', { taskId: 'RUN-1' }, TASKS)).toHaveProperty('result')
  expect((await settled(ask, 'RUN-1'))['status']).toBe('cancelled')
  for (const taskId of ['RUN-9', 'nonsense', ''])
    for (const method of ['tasks/get', 'tasks/cancel', 'tasks/update'])
      expect(await ask(method, { taskId, inputResponses: {} }, TASKS), `${method} ${taskId}`).toMatchObject({
        error: { code: -32602, message: `There is no task ${taskId}.` },
      })
})

test('a client that does not take tasks gets the answer at once', async () => {
  const { call, start, open } = await begin()
  const looked = await call('run_start', { ...start, dry_run: true }, TASKS)
  expect(looked).toMatchObject({ structuredContent: { started: false } })
  const started = await call('run_start', start)
  expect(started).toMatchObject({ structuredContent: { started: true, run: 'RUN-1' } })
  expect(started).not.toHaveProperty('taskId')
  open()
})
