import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { AgentEvent } from '../../schemas/agent.ts'
import type { AgentJob } from '../../src/agents/agent.ts'
import { createAgent } from '../../src/agents/registry.ts'
import { findMarked } from '../../src/process/marked.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import type { AcpScript, AcpStep } from './acp-agent-process.ts'

const PROGRAM = fileURLToPath(new URL('./acp-agent-process.ts', import.meta.url))
const LIMITS = { turns: undefined, costUsd: undefined, wallMs: 30_000, stallMs: 30_000 }

interface World {
  readonly home: string
  readonly folder: string
}

async function makeWorld(): Promise<World> {
  const home = await temporaryFolder()
  const folder = join(home, 'project')
  mkdirSync(join(folder, 'tests'), { recursive: true })
  writeFileSync(join(folder, 'tests/sum.test.js'), 'original\n')
  return { home, folder }
}

const agentOf = ({ home }: World, script: AcpScript) =>
  createAgent('acp', [process.execPath, PROGRAM, JSON.stringify(script), join(home, 'sessions.json')])

async function run(
  world: World,
  script: readonly AcpStep[] | AcpScript,
  more: Partial<AgentJob> = {},
  signal = AbortSignal.timeout(60_000),
) {
  const scratch = join(world.home, randomUUID())
  mkdirSync(scratch)
  const events: AgentEvent[] = []
  const job: AgentJob = {
    prompt: 'The task.',
    folder: world.folder,
    session: randomUUID(),
    resume: undefined,
    model: undefined,
    answerSchema: undefined,
    servers: [],
    protectedPaths: ['tests/**'],
    limits: LIMITS,
    marker: randomUUID(),
    environment: {},
    scratch,
    ...more,
  }
  const agent = agentOf(world, 'steps' in script ? script : { steps: script })
  const end = await agent.run(job, (event) => void events.push(event), signal)
  return { end, events, left: await findMarked(job.marker) }
}

const call = (id: string, more: object = {}): AcpStep => ({
  update: { sessionUpdate: 'tool_call', toolCallId: id, title: 'a call', kind: 'execute', status: 'pending', ...more },
})
const done = (id: string, more: object = {}): AcpStep => ({
  update: { sessionUpdate: 'tool_call_update', toolCallId: id, status: 'completed', ...more },
})
const typesOf = (events: readonly AgentEvent[], type: AgentEvent['type']) =>
  events.filter((event) => event.type === type)

describe('what is told of it beforehand', () => {
  const signal = AbortSignal.timeout(60_000)

  test('its version, and whether it can go on with a session', async () => {
    const world = await makeWorld()
    const loads = await agentOf(world, { steps: [] }).probe(signal)
    expect(loads).toMatchObject({ version: '1.2.3', problem: undefined })
    expect([...loads.features]).toEqual(['mcp', 'resume'])
    expect([...(await agentOf(world, { steps: [], resumes: 'no' }).probe(signal)).features]).toEqual(['mcp'])
  })

  test('a missing program, another program and another version are told apart', async () => {
    const world = await makeWorld()
    expect((await createAgent('acp', ['/nowhere/agent']).probe(signal)).problem).toMatch(/cannot be started/)
    expect((await createAgent('acp', ['/bin/cat']).probe(signal)).problem).toMatch(
      /no agent of the Agent Client Protocol/,
    )
    expect((await createAgent('acp', ['/bin/echo', 'hi']).probe(signal)).problem).toMatch(/no agent of/)
    expect((await agentOf(world, { steps: [], hello: 'old' }).probe(signal)).problem).toMatch(/version 0/)
    expect((await agentOf(world, { steps: [], hello: 'strange' }).probe(signal)).problem).toMatch(/something else/)
  })

  test('it needs a program', () => {
    expect(() => createAgent('acp', [])).toThrow(/without its command/)
  })
})

describe('what it does', () => {
  test('it gets the task, says something in pieces, and ends', async () => {
    const world = await makeWorld()
    const { end, events } = await run(world, [{ say: 'Now ' }, { say: 'it is done.' }])
    expect(end).toMatchObject({
      outcome: 'ended',
      detail: '',
      said: 'Now it is done.',
      session: 'session-1',
      denials: [],
    })
    expect(end.usage).toEqual({ turns: 1 })
    expect(typesOf(events, 'text')).toHaveLength(1)
    expect(JSON.parse(readFileSync(join(world.home, 'prompt.json'), 'utf8'))).toEqual([
      { type: 'text', text: 'The task.' },
    ])
    expect(readFileSync(end.raw, 'utf8').split('\n').length).toBeGreaterThan(4)
  })

  test('its calls, its changes and its cost are seen', async () => {
    const world = await makeWorld()
    const path = join(world.folder, 'sum.js')
    const { end, events } = await run(world, [
      { say: 'First this.' },
      call('1', { kind: 'edit', rawInput: { path } }),
      { write: path, content: 'sum\n' },
      done('1', { content: [{ type: 'diff', path, oldText: null, newText: 'sum\n' }] }),
      call('2', { name: 'shell', rawInput: { command: 'false' } }),
      done('2', { status: 'failed' }),
      { update: { sessionUpdate: 'usage_update', used: 10, size: 100, cost: { amount: 0.25, currency: 'USD' } } },
      { say: '{"summary":"all"}' },
    ])
    expect(readFileSync(path, 'utf8')).toBe('sum\n')
    expect(end).toMatchObject({ outcome: 'ended', answer: { summary: 'all' }, usage: { turns: 3, costUsd: 0.25 } })
    expect(events).toContainEqual({ type: 'tool_start', id: '2', tool: 'shell', input: 'false' })
    expect(events).toContainEqual({ type: 'tool_end', id: '1', failed: false })
    expect(events).toContainEqual({ type: 'tool_end', id: '2', failed: true })
    expect(events).toContainEqual({ type: 'file_change', path })
  })

  test('a call is told when it is known what it is about, and a result does not hide what it changed', async () => {
    const path = 'sum.js'
    const shown = { content: [{ type: 'diff', path, oldText: null, newText: 'x' }] }
    const { events } = await run(await makeWorld(), [
      call('1', { kind: 'edit', title: 'Write', rawInput: {} }),
      { update: { sessionUpdate: 'tool_call_update', toolCallId: '1', rawInput: { path }, ...shown } },
      done('1', { content: [{ type: 'content', content: { type: 'text', text: 'written' } }] }),
    ])
    expect(events.filter(({ type }) => type !== 'usage' && type !== 'session')).toEqual([
      { type: 'tool_start', id: '1', tool: 'edit', input: '{"path":"sum.js"}' },
      { type: 'tool_end', id: '1', failed: false },
      { type: 'file_change', path },
    ])
  })

  test('it gets our servers and the model that it offers', async () => {
    const world = await makeWorld()
    const servers = [{ name: 'speki', command: 'node', args: ['x'], env: { A: 'b' } }]
    const script: AcpScript = { steps: [{ do: 'tell servers' }], models: ['small', 'big'] }
    const { end } = await run(world, script, { servers, model: 'big' })
    expect(end.answer).toEqual({
      servers: [{ name: 'speki', command: 'node', args: ['x'], env: [{ name: 'A', value: 'b' }] }],
      chosen: 'the-model=big',
    })
    expect((await run(world, script, { model: 'huge' })).end).toMatchObject({
      outcome: 'not_started',
      detail: expect.stringMatching(/huge, but small, big/),
    })
    expect((await run(world, [{ say: 'x' }], { model: 'big' })).end.outcome).toBe('not_started')
  })
})

describe('what it may', () => {
  test('a protected file is not written, and giving up there is no end', async () => {
    const world = await makeWorld()
    const path = join(world.folder, 'tests/sum.test.js')
    const { end } = await run(world, [
      call('1', { kind: 'edit' }),
      { write: path, content: 'weaker\n' },
      done('1', { status: 'failed' }),
    ])
    expect(readFileSync(path, 'utf8')).toBe('original\n')
    expect(end).toMatchObject({
      outcome: 'denied',
      denials: [expect.stringMatching(/tests\/sum.test.js is protected/)],
    })
    expect(end.said).toMatch(/protected/)
  })

  test('a refusal that it works around is told, and no failure', async () => {
    const world = await makeWorld()
    const { end } = await run(world, [
      { write: join(world.folder, 'tests/new.test.js'), content: 'x' },
      { write: join(world.folder, 'deep/new.js'), content: 'x' },
    ])
    expect(end.outcome).toBe('ended')
    expect(end.denials).toHaveLength(1)
    expect(existsSync(join(world.folder, 'tests/new.test.js'))).toBe(false)
    expect(existsSync(join(world.folder, 'deep/new.js'))).toBe(true)
  })

  test('nothing outside the folder is read or written, through links neither', async () => {
    const world = await makeWorld()
    writeFileSync(join(world.home, 'outside.txt'), 'hidden\n')
    symlinkSync(world.home, join(world.folder, 'link'))
    symlinkSync(join(world.folder, 'tests'), join(world.folder, 'other'))
    const { end } = await run(world, [
      { write: '../escaped.txt', content: 'x' },
      { write: join(world.folder, 'link/escaped.txt'), content: 'x' },
      { write: join(world.folder, 'other/sum.test.js'), content: 'x' },
      { read: join(world.folder, 'link/outside.txt') },
      { read: join(world.folder, 'tests/sum.test.js') },
      { read: join(world.folder, 'none.txt') },
    ])
    expect(existsSync(join(world.home, 'escaped.txt'))).toBe(false)
    expect(readFileSync(join(world.folder, 'tests/sum.test.js'), 'utf8')).toBe('original\n')
    expect(end.denials).toHaveLength(4)
    expect(end.said).toContain('[read: original]')
    expect(end.said).toMatch(/not found/i)
    expect(end.said).not.toContain('hidden')
  })

  test.each<[string, object, string, boolean]>([
    ['a shell line', { kind: 'execute', rawInput: { command: 'ls' } }, 'option allow_once', true],
    ['a call of a tool', { kind: 'other', rawInput: { path: 'PRD-1' } }, 'option allow_once', true],
    ['to read the tests', { kind: 'read', locations: [{ path: 'tests/sum.test.js' }] }, 'option allow_once', true],
    ['to read outside', { kind: 'read', locations: [{ path: '/etc/passwd' }] }, 'option reject_once', false],
    ['an edit inside', { kind: 'edit', locations: [{ path: 'a.js' }] }, 'option allow_once', true],
    ['an edit of the tests', { kind: 'edit', locations: [{ path: 'tests/a.js' }] }, 'option reject_once', false],
    ['an edit outside', { kind: 'edit', rawInput: { file_path: '../a.js' } }, 'option reject_once', false],
    ['an edit of who knows what', { kind: 'edit' }, 'option reject_once', false],
    ['to delete a test', { kind: 'delete', locations: [{ path: 'tests/a.js' }] }, 'option reject_once', false],
    ['a difference', { content: [{ type: 'diff', path: 'tests/a.js', newText: '' }] }, 'option reject_once', false],
    [
      'a patch by shell',
      { kind: 'execute', rawInput: { command: ['apply_patch', '*** Begin Patch\n*** Delete File: tests/a.js\n'] } },
      'option reject_once',
      false,
    ],
  ])('asked for %s', async (_, toolCall, answer, allowed) => {
    const { end, events } = await run(await makeWorld(), [{ ask: { toolCallId: '7', ...toolCall } }])
    expect(end.said).toBe(`[${answer}]`)
    expect(typesOf(events, 'denial')).toHaveLength(allowed ? 0 : 1)
  })

  test('what a call is about counts also where it was told before the question', async () => {
    const steps = [call('1', { kind: 'edit', locations: [{ path: 'tests/a.js' }] }), { ask: { toolCallId: '1' } }]
    const { end } = await run(await makeWorld(), steps)
    expect(end).toMatchObject({ outcome: 'denied', said: '[option reject_once]' })
  })

  test('nothing is allowed for always, and where nothing can be refused the question is cancelled', async () => {
    const ask = { toolCallId: '7', kind: 'execute' }
    const { end } = await run(await makeWorld(), [{ ask, offers: ['allow_always'] }])
    expect(end).toMatchObject({ outcome: 'denied', said: '[cancelled]' })
  })
})

describe('sessions', () => {
  test.each(['load', 'resume'] as const)('one goes on by %s; what it repeats is not done again', async (resumes) => {
    const world = await makeWorld()
    const first = await run(world, { steps: [{ say: 'First.' }], resumes })
    const { end, events } = await run(world, { steps: [{ say: 'Second.' }], resumes }, { resume: first.end.session })
    expect(end).toMatchObject({ outcome: 'ended', session: 'session-1', said: 'Second.', usage: { turns: 1 } })
    expect(typesOf(events, 'tool_start')).toEqual([])
  })

  test('one that is not there is told, and one that cannot go on has no name', async () => {
    const world = await makeWorld()
    const absent = await run(world, [{ say: 'x' }], { resume: 'session-9' })
    expect(absent.end).toMatchObject({ outcome: 'not_started', detail: expect.stringMatching(/session-9/), said: '' })
    const never = await run(world, { steps: [{ say: 'x' }], resumes: 'no' })
    expect(never.end).toMatchObject({ outcome: 'ended', session: undefined })
  })

  test('one that was killed in the middle has crashed and can go on', async () => {
    const world = await makeWorld()
    const killed = await run(world, [{ say: 'half' }, { do: 'kill' }])
    expect(killed.end).toMatchObject({ outcome: 'crashed', said: 'half', session: 'session-1' })
    const again = await run(world, [{ say: 'whole' }], { resume: killed.end.session })
    expect(again.end).toMatchObject({ outcome: 'ended', said: 'whole' })
  })
})

describe('its end', () => {
  test('by its own limits, its refusal and what nobody asked for', async () => {
    const world = await makeWorld()
    const outcome = async (stop: Extract<AcpStep, { stop: unknown }>['stop']) =>
      (await run(world, [{ stop }])).end.outcome
    expect(await outcome('max_turn_requests')).toBe('turn_limit')
    expect(await outcome('max_tokens')).toBe('turn_limit')
    expect(await outcome('refusal')).toBe('denied')
    expect(await outcome('cancelled')).toBe('crashed')
  })

  test.each([
    [429, 'Too many requests', 'api_error', 429],
    [-32000, 'Authentication required', 'api_error', 401],
    [-32603, 'Internal error', 'api_error', undefined],
    [-32602, 'Invalid params', 'crashed', undefined],
  ])('by the error %i', async (fail, message, outcome, status) => {
    const { end } = await run(await makeWorld(), [{ say: 'Hm. ' }, { fail, message }])
    expect(end).toMatchObject({ outcome, status, detail: expect.stringContaining(message), said: 'Hm. ' })
  })

  test('without a login it does not begin', async () => {
    const { end } = await run(await makeWorld(), { steps: [], newSession: 'auth' })
    expect(end).toMatchObject({ outcome: 'not_started', detail: expect.stringMatching(/Log in/) })
  })

  test('in the middle, with whatever exit code; before its first word', async () => {
    const world = await makeWorld()
    const { end } = await run(world, [{ do: 'exit' }])
    expect(end).toMatchObject({ outcome: 'crashed', detail: expect.stringMatching(/exit code 0.*out of wit/) })
    expect((await run(world, { steps: [], hello: 'strange' })).end.outcome).toBe('not_started')
    const missing = createAgent('acp', ['/nowhere/agent'])
    expect((await missing.probe(AbortSignal.timeout(9000))).problem).toMatch(/cannot be started/)
  })

  test('no answer to hello, and silence in the middle', async () => {
    const world = await makeWorld()
    const limits = { ...LIMITS, stallMs: 1500 }
    expect((await run(world, { steps: [], hello: 'never' }, { limits })).end.outcome).toBe('stalled')
    expect((await run(world, [{ say: 'x' }, { do: 'hang' }], { limits })).end).toMatchObject({
      outcome: 'stalled',
      said: 'x',
    })
  })

  test('at the time limit it is told to stop first, and nothing is left', async () => {
    const world = await makeWorld()
    const { end, left } = await run(world, [{ do: 'busy' }], { limits: { ...LIMITS, wallMs: 3000 } })
    expect(end.outcome).toBe('timeout')
    expect(existsSync(join(world.folder, 'busy.txt'))).toBe(true)
    expect(existsSync(join(world.home, 'cancelled'))).toBe(true)
    expect(left).toEqual([])
  })

  test('cancelled from outside, once it works', async () => {
    const world = await makeWorld()
    const stop = new AbortController()
    const look = setInterval(() => {
      if (existsSync(join(world.folder, 'busy.txt'))) stop.abort()
    }, 50)
    const { end, left } = await run(world, [{ do: 'busy' }], {}, stop.signal)
    clearInterval(look)
    expect(end.outcome).toBe('cancelled')
    expect(existsSync(join(world.home, 'cancelled'))).toBe(true)
    expect(left).toEqual([])
  })

  test('more turns or money than allowed', async () => {
    const world = await makeWorld()
    const calls = ['1', '2', '3', '4'].flatMap((id) => [call(id), done(id)])
    const turns = await run(world, [...calls, { do: 'busy' }], { limits: { ...LIMITS, turns: 3 } })
    expect(turns.end.outcome).toBe('turn_limit')
    const usage = { sessionUpdate: 'usage_update', used: 1, size: 2, cost: { amount: 3, currency: 'USD' } }
    const money = await run(world, [{ update: usage }, { do: 'busy' }], { limits: { ...LIMITS, costUsd: 1 } })
    expect(money.end).toMatchObject({ outcome: 'budget', usage: { costUsd: 3 } })
    const euro = { ...usage, cost: { amount: 3, currency: 'EUR' } }
    const other = await run(world, [{ update: euro }], { limits: { ...LIMITS, costUsd: 1 } })
    expect(other.end).toMatchObject({ outcome: 'ended', usage: { turns: 1 } })
  })

  test('one that does not go after its last word has ended', async () => {
    const { end, left } = await run(await makeWorld(), { steps: [{ say: 'Done.' }], stays: true })
    expect(end).toMatchObject({ outcome: 'ended', said: 'Done.' })
    expect(left).toEqual([])
  })

  test('a process it leaves behind is ended before the end is told', async () => {
    const world = await makeWorld()
    const file = join(world.folder, 'left.txt')
    const { end, left } = await run(world, [{ do: 'orphan' }, { say: 'Done.' }])
    expect(end.outcome).toBe('ended')
    expect(left).toEqual([])
    const size = readFileSync(file).length
    expect(size).toBeGreaterThan(0)
    await pause(300)
    expect(readFileSync(file).length).toBe(size)
  })
})

describe('what it prints', () => {
  test('nonsense, strange messages and updates from the future are passed over', async () => {
    const { end, events } = await run(await makeWorld(), [
      { line: 'not json' },
      { line: '{"type":"from the future"}' },
      { line: '[]' },
      { line: '{"jsonrpc":"2.0","method":"session/update"}' },
      { line: '{"jsonrpc":"2.0","id":99,"method":"session/dream","params":{}}' },
      { line: '{"jsonrpc":"2.0","id":"never asked","result":{}}' },
      { line: '{"jsonrpc":"2.0","method":"session/update","params":{"update":{"sessionUpdate":"tool_call"}}}' },
      { update: { sessionUpdate: 'dream', content: 7 } },
      { update: { sessionUpdate: 'agent_message_chunk', content: 7 } },
      { say: 'Done.' },
    ])
    expect(end).toMatchObject({ outcome: 'ended', said: 'Done.' })
    const kinds = events.flatMap((event) => (event.type === 'other' ? [event.kind] : []))
    expect(kinds).toEqual(expect.arrayContaining(['unreadable line', 'no message of the protocol', 'dream']))
  })

  test('a flood ends it', async () => {
    const { end, left } = await run(await makeWorld(), [{ do: 'flood' }])
    expect(end).toMatchObject({ outcome: 'crashed', detail: expect.stringMatching(/more than a session can hold/) })
    expect(left).toEqual([])
  })

  test('secrets appear in nothing that is told or kept', async () => {
    const secret = 'hunter2-hunter2-hunter2'
    const { end, events } = await run(await makeWorld(), [{ do: 'tell secret' }, { fail: 500, message: secret }], {
      environment: { DEPLOY_TOKEN: secret },
    })
    expect(end.said).toBe('[redacted]')
    expect(JSON.stringify([end, events]) + readFileSync(end.raw, 'utf8')).not.toContain('hunter2')
  })
})
