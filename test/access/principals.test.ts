import { expect, test } from 'vitest'
import { Actor, actorOf } from '../../schemas/actor.ts'
import { agentPrincipal, personPrincipal } from '../../src/domain/access/principals.ts'

/** What programs and environments call themselves. */
const NAMES = [
  'ada',
  '',
  '   ',
  'x'.repeat(100_000),
  `${'x'.repeat(99)}😀 cut within a character`,
  '😀'.repeat(300),
  'a\0b\n\u001b[31mred\u202e\u{e0041}',
  '\ud800',
  '\ufeff\u200b',
]

test.each(NAMES)('whatever somebody is called, every reader of the feed can read it (%j)', (name) => {
  const session = 'host/1/start'
  const everyone = [
    personPrincipal(name, session),
    agentPrincipal({ client: name, session, onBehalfOf: name }),
    agentPrincipal({ client: 'x', given: name, session, onBehalfOf: name }),
  ]
  for (const principal of everyone) {
    expect(Actor.parse(actorOf(principal))).toEqual(actorOf(principal))
    for (const text of [principal.name, principal.client, principal.onBehalfOf ?? 'x']) {
      expect(text).toMatch(/^\P{C}+$/u)
      expect(text.isWellFormed()).toBe(true)
    }
  }
})
