import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { findMarked } from '../../src/process/marked.ts'
import { clientsInstalled, suiteName } from './client-process.ts'
import { type Client, makeProject, openWorld, programOf, say, shell } from './driver-world.ts'

const SERVER = fileURLToPath(new URL('./fixture-server.ts', import.meta.url))
const NOTES = { name: 'speki', command: process.execPath, args: [SERVER], env: {} }
const SCHEMA = {
  type: 'object',
  properties: { summary: { type: 'string' } },
  required: ['summary'],
  additionalProperties: false,
}

const ABSENT = '00000000-0000-4000-8000-000000000000'

/** Long work; a client may refuse a mere sleep. */
const BUSY = 'while :; do echo x >> busy.txt; sleep 0.1; done'

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It went with one that was killed before it.
  }
}

describe.skipIf(!clientsInstalled).each<Client>(['claude', 'codex'])(
  suiteName('what happened is told rightly: %s'),
  (client) => {
    const limits = (more: object) => ({
      limits: { turns: undefined, costUsd: undefined, wallMs: 60_000, stallMs: 60_000, ...more },
    })

    test('the program is understood, a missing one is told', async () => {
      const { agent } = await openWorld(client, [])
      const probe = await agent.probe(AbortSignal.timeout(600_000))
      expect(probe).toMatchObject({ problem: undefined, version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
      expect([...probe.features]).toEqual(expect.arrayContaining(['resume', 'answer_schema', 'mcp']))
      const missing = await openWorld(client, [], { command: '/nowhere/agent' })
      expect((await missing.agent.probe(AbortSignal.timeout(600_000))).problem).toMatch(/not started.*Install/)
      expect((await missing.run()).end.outcome).toBe('not_started')
    })

    test('another program of that name is refused by its probe, and its run is no end', async () => {
      const other = await openWorld(client, [], { command: '/bin/echo' })
      expect((await other.agent.probe(AbortSignal.timeout(600_000))).problem).toMatch(/does not know/)
      expect((await other.run()).end.outcome).toBe('not_started')
    })

    test('an ordinary end', async () => {
      const { run, refusedHosts } = await openWorld(client, [say('Done.')])
      const { end, events } = await run()
      expect(end).toMatchObject({ outcome: 'ended', detail: '', lastMessage: 'Done.', denials: [] })
      expect(end.session).toMatch(/^[0-9a-f-]{36}$/)
      expect(end.usage.turns).toBe(1)
      expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['session', 'text', 'usage']))
      expect(refusedHosts()).toEqual([])
      expect(readFileSync(end.raw, 'utf8').trim().split('\n').length).toBeGreaterThan(1)
    })

    test('what the repository says to agents is given with the first message, once', async () => {
      const name = client === 'claude' ? 'CLAUDE.md' : 'AGENTS.md'
      const { run, sent } = await openWorld(client, [say('Done.'), say('Done.')], {
        project: makeProject({ [name]: 'Tabs, never blanks.' }),
      })
      const { end } = await run()
      expect(end.outcome).toBe('ended')
      expect(sent().split('Tabs, never blanks.')).toHaveLength(2)
    })

    test('work by the shell is seen, with its failures', async () => {
      const { run, project } = await openWorld(client, [shell('echo hello > made.txt'), shell('exit 3'), say('Done.')])
      const { end, events } = await run()
      expect(end.outcome).toBe('ended')
      expect(readFileSync(join(project, 'made.txt'), 'utf8')).toBe('hello\n')
      const ends = events.flatMap((event) => (event.type === 'tool_end' ? [event.failed] : []))
      expect(ends).toEqual([false, true])
      expect(events.filter(({ type }) => type === 'tool_start')).toHaveLength(2)
    })

    test('a session is resumed and knows what was said', async () => {
      const { run, requests } = await openWorld(client, [shell('echo one > one.txt'), say('First.')])
      const first = await run()
      const before = requests()
      const second = await run({ resume: first.end.session, prompt: 'And again.' })
      expect(second.end).toMatchObject({ outcome: 'ended', session: first.end.session })
      expect(requests()).toBeGreaterThan(before)
      // The scripted model counts what came back before: the first message's work is part of this conversation.
      expect(second.end.lastMessage).toBe('First.')
    })

    test('a session that is not there cannot be resumed', async () => {
      const { run } = await openWorld(client, [say('Done.')])
      const { end } = await run({ resume: ABSENT })
      const detail = client === 'claude' ? /No conversation found/ : /no rollout found/
      expect(end).toMatchObject({ outcome: 'not_started', detail: expect.stringMatching(detail), lastMessage: '' })
    })

    test('an id of a session begins one only once; Codex chooses its own', async () => {
      const { run } = await openWorld(client, [say('Done.')])
      const session = randomUUID()
      const first = await run({ session })
      const second = await run({ session })
      expect(first.end.outcome).toBe('ended')
      if (client === 'claude') {
        expect(first.end.session).toBe(session)
        expect(second.end).toMatchObject({ outcome: 'not_started', detail: expect.stringMatching(/already in use/) })
      } else {
        expect(second.end.outcome).toBe('ended')
        expect(new Set([session, first.end.session, second.end.session]).size).toBe(3)
      }
    })

    test('an answer in the asked form, and one that is not', async () => {
      const good = await openWorld(
        client,
        client === 'claude'
          ? [() => ({ use: 'StructuredOutput', input: { summary: 'all' } }), say('x')]
          : [say('{"summary":"all"}')],
      )
      expect((await good.run({ answerSchema: SCHEMA })).end).toMatchObject({
        outcome: 'ended',
        answer: { summary: 'all' },
      })
      const bad = await openWorld(client, [say('I would rather not.')])
      expect((await bad.run({ answerSchema: SCHEMA })).end).toMatchObject({ outcome: 'schema_miss', answer: undefined })
    })

    test.each([401, 404, 429, 500, 529])('the service answers %i', async (status) => {
      const { run } = await openWorld(client, [() => ({ status })])
      const { end } = await run()
      expect(end.outcome).toBe('api_error')
      // Codex has a sentence of its own for 500.
      expect(end.status).toBe(client === 'codex' && status === 500 ? undefined : status)
    })

    test.each(['dropped', 'garbage'] as const)('the connection breaks: %s', async (broken) => {
      const { run } = await openWorld(client, [() => ({ broken })])
      expect((await run()).end.outcome).toBe('api_error')
    })

    test('the model says nothing any more', async () => {
      const { run } = await openWorld(client, [() => ({ broken: 'stalled' })])
      expect((await run(limits({ stallMs: 6000 }))).end.outcome).toBe('stalled')
    })

    test('more turns than allowed', async () => {
      const steps = Array.from({ length: 4 }, (_, index) => shell(`echo ${index} >> many.txt`))
      // Some calls more may come until a client is ended from outside, so the model has none.
      const { run } = await openWorld(client, [...steps, () => ({ broken: 'stalled' })])
      const { end, events } = await run(limits({ turns: 3 }))
      expect(end.outcome).toBe('turn_limit')
      expect(events.filter(({ type }) => type === 'tool_start').length).toBeLessThanOrEqual(4)
    })

    test('more money than allowed holds where the client tells its cost', async () => {
      const steps = Array.from({ length: 8 }, (_, index) => shell(`echo ${index} >> many.txt`))
      const { agent, run } = await openWorld(client, [...steps, say('Done.')])
      const { features } = await agent.probe(AbortSignal.timeout(600_000))
      const { end, events } = await run(limits({ costUsd: 0.0005 }))
      const calls = events.filter(({ type }) => type === 'tool_start').length
      if (client === 'claude') {
        expect(end.outcome).toBe('budget')
        expect(end.usage.costUsd).toBeGreaterThan(0.0005)
        expect(calls).toBeGreaterThan(0)
        expect(calls).toBeLessThan(8)
      } else {
        expect(end).toMatchObject({ outcome: 'ended', usage: { turns: 9 } })
        expect(end.usage.costUsd).toBeUndefined()
      }
      // What preflight warns of.
      expect(features.has('cost_limit')).toBe(client === 'claude')
    })

    test('more time than allowed; what it started ends with it', async () => {
      // Several, because Codex ends a command of its own after ten seconds.
      const { run, project } = await openWorld(client, [shell(BUSY), shell(BUSY), shell(BUSY), say('Done.')])
      const marker = `driver-wall-limit-${randomUUID()}`
      const { end } = await run({ ...limits({ wallMs: 15_000 }), marker })
      expect(end.outcome).toBe('timeout')
      expect(await findMarked(marker)).toEqual([])
      const size = readFileSync(join(project, 'busy.txt')).length
      expect(size).toBeGreaterThan(0)
      await new Promise((done) => setTimeout(done, 400))
      expect(readFileSync(join(project, 'busy.txt')).length).toBe(size)
    })

    test('cancelled from outside, once it works', async () => {
      const { run, project } = await openWorld(client, [shell(BUSY), say('Done.')])
      const marker = `driver-cancel-${randomUUID()}`
      const stop = new AbortController()
      const file = join(project, 'busy.txt')
      const look = setInterval(() => {
        if (existsSync(file)) stop.abort()
      }, 100)
      const { end } = await run({ marker }, stop.signal)
      clearInterval(look)
      expect(end.outcome).toBe('cancelled')
      expect(await findMarked(marker)).toEqual([])
      const size = readFileSync(file).length
      await new Promise((done) => setTimeout(done, 400))
      expect(readFileSync(file).length).toBe(size)
    })

    test('a process it leaves behind is ended before the end is told', async () => {
      const { run, project } = await openWorld(client, [
        shell(
          '(setsid sh -c "while :; do echo x >> left.txt; sleep 0.1; done" >/dev/null 2>&1 &) ; until test -s left.txt; do :; done; echo started',
        ),
        say('Done.'),
      ])
      const marker = `driver-orphan-${randomUUID()}`
      const { end } = await run({ marker })
      expect(end.outcome).toBe('ended')
      expect(await findMarked(marker)).toEqual([])
      const size = readFileSync(join(project, 'left.txt')).length
      expect(size).toBeGreaterThan(0)
      await new Promise((done) => setTimeout(done, 400))
      expect(readFileSync(join(project, 'left.txt')).length).toBe(size)
    })

    test('our server is attached and its tools can be called', async () => {
      const { run } = await openWorld(client, [() => ({ call: 'note_add', args: { text: 'remember' } }), say('Done.')])
      const { end, events } = await run({ servers: [NOTES] })
      expect(end.outcome).toBe('ended')
      const calls = events.flatMap((event) => (event.type === 'tool_start' ? [event.tool] : []))
      expect(calls).toContain('mcp__speki__note_add')
      expect(events.some((event) => event.type === 'tool_end' && event.failed)).toBe(false)
    })

    test('secrets are kept out of what is told and kept', async () => {
      const { run } = await openWorld(client, [say('The key is dummy-key-not-real.')])
      const { end } = await run()
      expect(end.lastMessage).toBe('The key is [redacted].')
      expect(readFileSync(end.raw, 'utf8')).not.toContain('dummy-key-not-real')
    })

    test('a very long line is survived', async () => {
      const { run } = await openWorld(client, [say('x'.repeat(300_000))])
      const { end } = await run()
      expect(end.outcome).toBe('ended')
      expect(end.lastMessage.length).toBeGreaterThanOrEqual(100_000)
    })

    test('a program that prints nonsense between its lines is still understood', async () => {
      const project = makeProject()
      const wrapper = join(project, '..', `wrapper-${client}-${process.pid}.sh`)
      writeFileSync(
        wrapper,
        `#!/bin/sh\necho 'not json'\necho '{"type":"from the future","x":1}'\n'${programOf(client)}' "$@"\n`,
        { mode: 0o755 },
      )
      const { run } = await openWorld(client, [say('Done.')], { project, command: wrapper })
      const { end, events } = await run()
      expect(end).toMatchObject({ outcome: 'ended', lastMessage: 'Done.' })
      expect(events.filter(({ type }) => type === 'other').length).toBeGreaterThanOrEqual(2)
    })

    test('a flood of output from what it runs is survived', async () => {
      const { run } = await openWorld(client, [shell("head -c 30000000 /dev/zero | tr '\\0' x"), say('Done.')])
      const { end, events } = await run()
      expect(end).toMatchObject({ outcome: 'ended', lastMessage: 'Done.' })
      expect(events.filter(({ type }) => type === 'tool_end')).toHaveLength(1)
    })

    test('one that is killed in the middle has crashed, and its session goes on', async () => {
      const world = await openWorld(client, [shell(BUSY), say('Done.')])
      const marker = `driver-killed-${randomUUID()}`
      const killer = setInterval(async () => {
        // Only once the work goes on: then the session has begun.
        if (existsSync(join(world.project, 'busy.txt'))) for (const pid of await findMarked(marker)) kill(pid)
      }, 300)
      const { end } = await world.run({ marker })
      clearInterval(killer)
      expect(end.outcome).toBe('crashed')
      const again = await world.run({ resume: end.session, prompt: 'And again.' })
      expect(again.end).toMatchObject({ outcome: 'ended', session: end.session, lastMessage: 'Done.' })
    })
  },
)
