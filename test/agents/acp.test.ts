import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createAgent } from '../../src/agents/registry.ts'
import type { AcpScript } from './acp-agent-process.ts'
import { agentOf, call, done, makeWorld, run, typesOf } from './acp-world.ts'

describe('what is told of it beforehand', () => {
  const signal = AbortSignal.timeout(600_000)

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
      lastMessage: 'Now it is done.',
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
    expect(end.lastMessage).toMatch(/protected/)
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
    expect(end.lastMessage).toContain('[read: original]')
    expect(end.lastMessage).toMatch(/not found/i)
    expect(end.lastMessage).not.toContain('hidden')
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
    expect(end.lastMessage).toBe(`[${answer}]`)
    expect(typesOf(events, 'denial')).toHaveLength(allowed ? 0 : 1)
  })

  test('what a call is about counts also where it was told before the question', async () => {
    const steps = [call('1', { kind: 'edit', locations: [{ path: 'tests/a.js' }] }), { ask: { toolCallId: '1' } }]
    const { end } = await run(await makeWorld(), steps)
    expect(end).toMatchObject({ outcome: 'denied', lastMessage: '[option reject_once]' })
  })

  test('nothing is allowed for always, and where nothing can be refused the question is cancelled', async () => {
    const ask = { toolCallId: '7', kind: 'execute' }
    const { end } = await run(await makeWorld(), [{ ask, offers: ['allow_always'] }])
    expect(end).toMatchObject({ outcome: 'denied', lastMessage: '[cancelled]' })
  })
})
