import fc from 'fast-check'
import type { Session } from './history.ts'
import { PERSON } from './person.ts'
import { REACHING, type Topic, type Touching } from './reach.ts'
import { type Act, CONTAINED, LEADING } from './vocabulary.ts'

/** A session by name, so that a failure says what to repeat. */
export interface Drawn extends Pick<Session, 'kind' | 'work' | 'end' | 'moments'> {
  readonly acts: readonly string[]
  readonly person: readonly string[]
}

const names = (acts: readonly Act[]) => acts.map(({ name }) => name)
const some = (from: readonly Act[], most: number) =>
  fc.uniqueArray(fc.constantFrom(...names(from)), { maxLength: most })

const around = {
  work: fc.constantFrom('good' as const, 'good' as const, 'bad' as const, 'none' as const),
  end: fc.constantFrom('complete' as const, 'rollback' as const, 'release' as const, 'leave' as const),
  moments: fc.uniqueArray(fc.nat(160), { maxLength: 4 }),
}

/** An agent that stays where it works, whatever it does there; what leads elsewhere comes last. */
export const containedSession: fc.Arbitrary<Drawn> = fc
  .record({
    ...around,
    kind: fc.constantFrom('run' as const, 'run' as const, 'chat' as const),
    within: some(CONTAINED, 6),
    leading: fc.option(fc.constantFrom(...names(LEADING)), { nil: undefined }),
    person: some(PERSON, 5),
  })
  .map(({ within, leading, ...rest }) => ({ ...rest, acts: leading === undefined ? within : [...within, leading] }))

/** An agent that reaches the person's repository by its path, beside a person who does other things. */
export const reachingSession: fc.Arbitrary<Drawn> = fc
  .record({
    ...around,
    kind: fc.constant('run' as const),
    within: some(CONTAINED, 1),
    reaching: some(REACHING, 3),
    person: some(PERSON, 4),
  })
  .filter(({ reaching }) => reaching.length > 0)
  .map(({ within, reaching, person, ...rest }) => {
    const touched = new Set<Topic>()
    const apart = (names: readonly string[], all: readonly Touching[], add: boolean) =>
      names.filter((name) => {
        const touches = all.find((act) => act.name === name)?.touches ?? []
        const free = touches.every((topic) => !touched.has(topic))
        if (free && add) for (const topic of touches) touched.add(topic)
        return free
      })
    const acts = apart(reaching, REACHING, true)
    return { ...rest, acts: [...acts, ...within], person: apart(person, PERSON, false) }
  })

const RUN = new Map([...CONTAINED, ...LEADING, ...REACHING].map(({ name, run }) => [name, run]))
const DOES = new Map(PERSON.map(({ name, run }) => [name, run]))

export function sessionOf({ acts, person, ...rest }: Drawn): Session {
  return {
    ...rest,
    acts: acts.map((name) => RUN.get(name) ?? name),
    person: person.map((name) => DOES.get(name) ?? name),
  }
}
