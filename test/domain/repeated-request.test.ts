import { expect, test } from 'vitest'
import { agentPrincipal, personPrincipal } from '../../src/domain/access/principals.ts'
import { processSession } from '../../src/domain/access/session.ts'
import { addKnowledge } from '../../src/domain/knowledge.ts'
import type { Request, Service } from '../../src/domain/service.ts'
import { forEachDatabase } from '../store/databases.ts'

const HOUR = 60 * 60_000
const NOTE = { text: 'Run the fixtures first', category: 'testing', kind: 'lesson' } as const

const request = (key: string, hash = 'h'): Request => ({ key, tool: 'knowledge_add', hash })

forEachDatabase((_, openFresh) => {
  async function workspace() {
    const { database } = await openFresh()
    const clock = { at: Date.now() }
    const dead = new Set<string>()
    const service: Service = { database, now: () => clock.at, isOver: (session) => dead.has(session) }
    const stored = async () =>
      await database.read(async ({ sql }) => (await sql.selectFrom('idempotency').selectAll().execute()).length)
    return { service, clock, dead, stored }
  }
  const agent = (start: string, onBehalfOf = 'ann') =>
    agentPrincipal({ client: 'claude-code', session: processSession('here', 7, start), onBehalfOf })

  test('a key belongs to a session, and to the next of the same client once that is over', async () => {
    const { service, dead } = await workspace()
    const add = async (caller: ReturnType<typeof agent>, hash?: string) =>
      (await addKnowledge(service, caller, NOTE, request('note-0001', hash))).id
    const first = await add(agent('a'))

    expect(await add(agent('a'))).toBe(first)
    await expect(add(agent('a'), 'other')).rejects.toMatchObject({ code: 'conflict' })
    const others = [
      await add(agent('b')),
      await add(agent('a', 'bob')),
      await add(personPrincipal('claude-code', 'here/7/a')),
    ]
    expect(new Set([first, ...others]).size).toBe(4)

    dead.add(agent('a').session)
    const asked = await add(agent('c'), 'other')
    expect([first, ...others]).not.toContain(asked)
    expect(await add(agent('d'))).toBe(first)
    expect(await add(agent('d'))).toBe(first)
    expect(await add(agent('e'))).not.toBe(first)
  })

  test('an answer is kept for a day; what is older goes, a hundred with each that comes', async () => {
    const { service, clock, stored } = await workspace()
    const ids = []
    for (let n = 0; n < 130; n += 1) ids.push((await addKnowledge(service, agent('a'), NOTE, request(`note-${n}`))).id)
    clock.at += 23 * HOUR
    expect((await addKnowledge(service, agent('a'), NOTE, request('note-7'))).id).toBe(ids[7])
    expect(await stored()).toBe(130)

    clock.at += 2 * HOUR
    expect(ids).not.toContain((await addKnowledge(service, agent('a'), NOTE, request('note-129'))).id)
    expect(await stored()).toBe(31)
    await addKnowledge(service, agent('a'), NOTE, request('another'))
    expect(await stored()).toBe(2)
  })
})
