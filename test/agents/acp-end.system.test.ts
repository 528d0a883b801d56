import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createAgent } from '../../src/agents/registry.ts'
import type { AcpScript, AcpStep } from './acp-agent-process.ts'
import { call, done, makeWorld, run, typesOf } from './acp-world.ts'
import { LIMITS } from './job.ts'

describe('sessions', () => {
  test.each(['load', 'resume'] as const)('one goes on by %s; what it repeats is not done again', async (resumes) => {
    const world = await makeWorld()
    const first = await run(world, { steps: [{ say: 'First.' }], resumes })
    const { end, events } = await run(world, { steps: [{ say: 'Second.' }], resumes }, { resume: first.end.session })
    expect(end).toMatchObject({ outcome: 'ended', session: 'session-1', lastMessage: 'Second.', usage: { turns: 1 } })
    expect(typesOf(events, 'tool_start')).toEqual([])
  })

  test('one that is not there is told, and one that cannot go on has no name', async () => {
    const world = await makeWorld()
    const absent = await run(world, [{ say: 'x' }], { resume: 'session-9' })
    expect(absent.end).toMatchObject({
      outcome: 'not_started',
      detail: expect.stringMatching(/not found/),
      lastMessage: '',
    })
    const never = await run(world, { steps: [{ say: 'x' }], resumes: 'no' })
    expect(never.end).toMatchObject({ outcome: 'ended', session: undefined })
  })

  test('one that was killed in the middle has crashed and can go on', async () => {
    const world = await makeWorld()
    const killed = await run(world, [{ say: 'half' }, { do: 'kill' }])
    expect(killed.end).toMatchObject({ outcome: 'crashed', lastMessage: 'half', session: 'session-1' })
    const again = await run(world, [{ say: 'whole' }], { resume: killed.end.session })
    expect(again.end).toMatchObject({ outcome: 'ended', lastMessage: 'whole' })
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
    expect(end).toMatchObject({ outcome, status, detail: expect.stringContaining(message), lastMessage: 'Hm. ' })
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
    expect((await missing.probe(AbortSignal.timeout(600_000))).problem).toMatch(/cannot be started/)
  })

  test('no answer to hello, and silence in the middle', async () => {
    const world = await makeWorld()
    const stalled = async (script: AcpScript, stallMs: number) =>
      (await run(world, script, { limits: { ...LIMITS, stallMs } })).end
    expect(await stalled({ steps: [], hello: 'never' }, 1500)).toMatchObject({ outcome: 'stalled', lastMessage: '' })
    // Long enough for its first word on a busy machine.
    const end = await stalled({ steps: [{ say: 'x' }, { do: 'hang' }] }, 10_000)
    expect(end).toMatchObject({ outcome: 'stalled', lastMessage: 'x' })
  })

  test('at the time limit it is told to stop first, and nothing is left', async () => {
    const world = await makeWorld()
    const { end, left } = await run(world, [{ do: 'busy' }], { limits: { ...LIMITS, wallMs: 10_000 } })
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
    expect(end).toMatchObject({ outcome: 'ended', lastMessage: 'Done.' })
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
    expect(end).toMatchObject({ outcome: 'ended', lastMessage: 'Done.' })
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
    expect(end.lastMessage).toBe('[redacted]')
    expect(JSON.stringify([end, events]) + readFileSync(end.raw, 'utf8')).not.toContain('hunter2')
  })
})
