import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type FieldRules, mergeFields, nextBase, set, sideOf, text, value } from '../../src/domain/link/merge.ts'
import type { Base } from '../../src/store/links.ts'
import { runs } from '../property-runs.ts'

interface Item {
  readonly title: string
  readonly note?: string | undefined
  readonly count: number
  readonly labels: string[]
  readonly body: string
}

const RULES: FieldRules<Item> = { title: value, note: value, count: value, labels: set, body: text }
const START: Item = { title: 'A', note: undefined, count: 0, labels: ['x'], body: '# Text\n\nOne.\n' }

const word = fc.constantFrom('A', 'B', 'C', 'D')
const edit: fc.Arbitrary<Partial<Item>> = fc.oneof(
  fc.record({ title: word }),
  fc.record({ note: fc.option(word, { nil: undefined }) }),
  fc.record({ count: fc.nat({ max: 3 }) }),
  fc.record({ labels: fc.uniqueArray(fc.constantFrom('x', 'y', 'z', 'w'), { maxLength: 4 }) }),
  fc.record({ body: fc.constantFrom(START.body, '# Text\n\nTwo.\n', '# Text\n\nOne.\n\nMore.\n', '# Text\n\nOne.') }),
)
type Step =
  | { readonly kind: 'ours' | 'theirs' | 'both'; readonly edit: Partial<Item> }
  | { readonly kind: 'sync' | 'import' | 'decide' }
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('ours', 'theirs', 'both'), edit }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('sync', 'import', 'decide') }) },
)

interface World {
  ours: Item
  theirs: Item
  base: Base | undefined
}

/** What each single value has to become, by the plain table of three-way merges; undefined for a conflict. */
function oracle<V>(was: V | undefined, ours: V, theirs: V): V | undefined {
  if (ours === theirs) return ours
  if (ours === was) return theirs
  return theirs === was ? ours : undefined
}

/** Two-way: both are written. One-way: only ours is, as an import does. */
function synchronise(world: World, twoWay: boolean) {
  const merge = mergeFields(world.ours, world.theirs, world.base, RULES)
  const ours = { ...world.ours, ...merge.take }
  const theirs = twoWay ? { ...world.theirs, ...merge.keep } : world.theirs
  const base = nextBase(world.base, merge, ours, theirs, RULES)
  Object.assign(world, { ours, theirs, base })
  return merge
}

const linked = (): World => ({
  ours: START,
  theirs: START,
  base: { ours: sideOf(START, RULES), theirs: sideOf(START, RULES) },
})
const stored = (base: Base | undefined): Base | undefined => base && JSON.parse(JSON.stringify(base))
const named = (conflicts: readonly { readonly field: string }[]) => conflicts.map(({ field }) => field).sort()

test('whatever both sides did, and however often they were brought in step, nothing is lost and nothing is told twice', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const world = linked()
      // The last values both sides had in common, kept apart from the code under test.
      const common = new Map<string, unknown>(Object.entries(START))
      let ahead = false
      for (const current of steps) {
        if ('edit' in current) {
          if (current.kind !== 'theirs') world.ours = { ...world.ours, ...current.edit }
          if (current.kind !== 'ours') world.theirs = { ...world.theirs, ...current.edit }
          continue
        }
        world.base = stored(world.base)
        const before = { ...world }
        if (current.kind === 'decide') {
          // A person takes our side of whatever is in conflict, by writing it there.
          const { conflicts } = mergeFields(world.ours, world.theirs, world.base, RULES)
          world.theirs = { ...world.theirs, ...Object.fromEntries(conflicts.map(({ field, ours }) => [field, ours])) }
        }
        const twoWay = current.kind !== 'import'
        const merge = synchronise(world, twoWay)
        if (current.kind === 'decide') expect(merge.conflicts).toEqual([])

        for (const field of ['title', 'note', 'count'] as const) {
          const expected = oracle(common.get(field), before.ours[field], before.theirs[field])
          if (current.kind === 'decide') continue
          const differ = before.ours[field] !== before.theirs[field]
          const undecided =
            differ && before.ours[field] !== common.get(field) && before.theirs[field] !== common.get(field)
          expect(named(merge.conflicts).includes(field), field).toBe(undecided)
          expect(world.ours[field], field).toBe(undecided ? before.ours[field] : expected)
          if (twoWay) expect(world.theirs[field], field).toBe(undecided ? before.theirs[field] : expected)
        }
        const was = new Set(common.get('labels') as string[])
        if (current.kind !== 'decide' && !ahead)
          for (const label of ['x', 'y', 'z', 'w']) {
            const [here, there] = [before.ours.labels.includes(label), before.theirs.labels.includes(label)]
            expect(world.ours.labels.includes(label), label).toBe(oracle(was.has(label), here, there))
          }
        if (twoWay && merge.conflicts.length === 0)
          for (const field of ['title', 'note', 'count', 'labels', 'body'] as const)
            expect(RULES[field]?.equal(world.ours[field], world.theirs[field]), field).toBe(true)

        // Again with nothing changed: nothing is done, and the same conflicts stand.
        const again = synchronise({ ...world, base: stored(world.base) }, twoWay)
        expect(again.take).toEqual({})
        if (twoWay) expect(again.keep).toEqual({})
        expect(named(again.conflicts)).toEqual(named(merge.conflicts))

        for (const field of ['title', 'note', 'count', 'labels'] as const)
          if (RULES[field]?.equal(world.ours[field], world.theirs[field])) common.set(field, world.ours[field])
        ahead = !RULES.labels?.equal(world.ours.labels, world.theirs.labels)
      }
    }),
    { numRuns: runs(3000) },
  )
})

test('edits of different fields come to the same in any order', () => {
  const parts = fc.tuple(word, fc.nat({ max: 3 }))
  fc.assert(
    fc.property(parts, ([title, count]) => {
      const outcome = (first: 'ours' | 'theirs') => {
        const world = linked()
        const edits = { ours: { title }, theirs: { count } }
        for (const side of [first, first === 'ours' ? 'theirs' : 'ours'] as const) {
          world[side] = { ...world[side], ...edits[side] }
          synchronise(world, true)
        }
        return world.ours
      }
      const [one, other] = [outcome('ours'), outcome('theirs')]
      expect(one).toEqual(other)
      expect(one).toMatchObject({ title, count })
      const world = linked()
      world.ours = { ...world.ours, title }
      world.theirs = { ...world.theirs, count }
      synchronise(world, true)
      expect(world.ours).toEqual(one)
    }),
    { numRuns: runs(200) },
  )
})

test('without a base equal fields are in step and different ones wait for a decision', () => {
  const world: World = { ours: START, theirs: { ...START, title: 'B', labels: ['y'] }, base: undefined }
  expect(synchronise(world, true)).toMatchObject({
    take: {},
    keep: {},
    conflicts: [{ field: 'title' }, { field: 'labels' }],
  })
  expect(Object.keys(world.base?.ours ?? {}).sort()).toEqual(['body', 'count', 'note'])
  world.theirs = { ...world.theirs, title: 'A', count: 2 }
  expect(synchronise(world, true)).toMatchObject({ take: { count: 2 }, conflicts: [{ field: 'labels' }] })
})

test('a conflict in one field holds back no other', () => {
  const world = linked()
  world.ours = { ...world.ours, title: 'B' }
  world.theirs = { ...world.theirs, title: 'C', count: 1 }
  expect(named(synchronise(world, true).conflicts)).toEqual(['title'])
  world.theirs = { ...world.theirs, count: 2 }
  expect(synchronise(world, true)).toMatchObject({ take: { count: 2 }, conflicts: [{ field: 'title' }] })
})

test('what was changed here outlives any number of imports, and a later change there is a conflict', () => {
  const world = linked()
  world.ours = { ...world.ours, title: 'B', labels: ['x', 'y'], body: '# Text\n\nOne.\n\nMore.\n' }
  for (let time = 0; time < 3; time++) expect(synchronise(world, false).take).toEqual({})
  world.theirs = { ...world.theirs, title: 'C', labels: [], body: '# Text of it\n\nOne.\n' }
  expect(named(synchronise(world, false).conflicts)).toEqual(['title'])
  expect(world.ours).toMatchObject({ title: 'B', labels: ['y'], body: '# Text of it\n\nOne.\n\nMore.\n' })
  expect(synchronise(world, false)).toMatchObject({ take: {}, conflicts: [{ field: 'title' }] })
})

test('a field with a rule of its own is left for good, or waits, as the rule says', () => {
  for (const decision of ['leave', 'conflict', 'take'] as const) {
    const rules: FieldRules<Item> = { ...RULES, count: { ...value, decide: () => decision } }
    const theirs = { ...START, count: 3 }
    const base: Base = { ours: sideOf(START, RULES), theirs: sideOf(START, RULES) }
    const merge = mergeFields(START, theirs, base, rules)
    expect(merge.take).toEqual(decision === 'take' ? { count: 3 } : {})
    const next = nextBase(base, merge, { ...START, ...merge.take }, theirs, rules)
    const again = mergeFields({ ...START, ...merge.take }, theirs, next, rules)
    expect(named(again.conflicts)).toEqual(decision === 'conflict' ? ['count'] : [])
    expect(again).toMatchObject({ take: {}, keep: {} })
  }
})
