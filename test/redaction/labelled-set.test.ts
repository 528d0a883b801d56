import { expect, test } from 'vitest'
import { redact } from '../../src/redaction/redact.ts'
import { FIRST_SEEN_HARMLESS, FIRST_SEEN_SECRETS } from './first-seen.ts'
import { HELD_OUT_HARMLESS, HELD_OUT_SECRETS } from './held-out.ts'
import { KNOWN_HARMLESS } from './known-harmless.ts'
import { KNOWN_SECRETS } from './known-secrets.ts'
import { labelled } from './labelled.ts'
import { SECOND_HARMLESS, SECOND_SECRETS, UNSEEN_HARMLESS, UNSEEN_SECRETS } from './unseen.ts'

/** Each template with several bodies: what is found must not depend on the letters of one. */
const BODIES = 5

function missed(templates: readonly string[]): string[] {
  return templates.flatMap((template, index) =>
    Array.from({ length: BODIES }, (_, body) => labelled(template, index * BODIES + body)).flatMap(
      ({ text, secrets }) => {
        const left = redact(text)
        return secrets.some((secret) => secret !== '' && left.includes(secret)) ? `${text} -> ${left}` : []
      },
    ),
  )
}

function alarms(templates: readonly string[]): string[] {
  return templates.flatMap((template, index) =>
    Array.from({ length: BODIES }, (_, body) => labelled(template, index * BODIES + body)).flatMap(({ text }) =>
      redact(text) === text ? [] : `${text} -> ${redact(text)}`,
    ),
  )
}

test.each([
  ['known', 98, KNOWN_SECRETS, KNOWN_HARMLESS],
  ['held out', 98, HELD_OUT_SECRETS, HELD_OUT_HARMLESS],
  // What only the word after the value, or the folder of settings around it, tells is not found.
  ['unseen', 95, UNSEEN_SECRETS, UNSEEN_HARMLESS],
  ['second', 98, SECOND_SECRETS, SECOND_HARMLESS],
  ['first seen', 98, FIRST_SEEN_SECRETS, FIRST_SEEN_HARMLESS],
] as const)(
  'of the %s texts at least %i %% of the secrets are found, with false alarms in under 2 %%',
  (name, least, secrets, harmless) => {
    const misses = missed(secrets)
    const wrong = alarms(harmless)
    const found = 1 - misses.length / (secrets.length * BODIES)
    const alarmed = wrong.length / (harmless.length * BODIES)
    console.log(
      `redaction, ${name}: ${(found * 100).toFixed(1)} % of ${secrets.length} forms found, ${(alarmed * 100).toFixed(1)} % false alarms in ${harmless.length} texts`,
    )
    expect(found, misses.join('\n')).toBeGreaterThanOrEqual(least / 100)
    expect(alarmed, wrong.join('\n')).toBeLessThan(0.02)
  },
)
