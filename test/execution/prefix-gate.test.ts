import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Part, prefixGate, type State } from '../../src/execution/change-set/prefix-gate.ts'
import { type Edge, mergeOrder, providersFor } from '../../src/execution/order/merge-order.ts'
import { runs } from '../property-runs.ts'

/** A change set with planted faults: by name, what breaks and under which circumstances. */
interface World {
  readonly parts: readonly Part[]
  /** Repositories in no part. */
  readonly outside: readonly string[]
  readonly edges: readonly Edge[]
  /** Red wherever it is new. */
  readonly broken: ReadonlySet<string>
  /** Red where both are new: found only together. */
  readonly clashes: readonly (readonly [string, string])[]
}

const SIZE = 8

const worlds: fc.Arbitrary<World> = fc
  .record({
    size: fc.integer({ min: 1, max: SIZE }),
    links: fc.array(fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1)), { maxLength: 14 }),
    broken: fc.array(fc.nat(SIZE - 1), { maxLength: 2 }),
    conflicts: fc.array(fc.nat(SIZE - 1), { maxLength: 1 }),
    clashes: fc.array(fc.nat(13), { maxLength: 2 }),
    outside: fc.array(fc.integer({ min: 1, max: SIZE - 1 }), { maxLength: 2 }),
  })
  .map(({ size, links, broken, conflicts, clashes, outside }) => {
    const name = (index: number) => `r${index % size}`
    const edges = links.map(([from, to]) => ({
      from: name(from),
      to: name(to),
      kind: 'openapi' as const,
      why: 'planted',
    }))
    const isOutside = (index: number) => index !== 0 && outside.includes(index)
    const indices = Array.from({ length: size }, (_, index) => index)
    const parts = indices
      .filter((index) => !isOutside(index))
      .map((index) => ({
        name: name(index),
        tip: `${name(index)}-old`,
        merged: conflicts.includes(index) ? undefined : `${name(index)}-new`,
      }))
    const pairs = clashes.flatMap((index): (readonly [string, string])[] => {
      const edge = edges[index]
      return edge === undefined || edge.from === edge.to ? [] : [[edge.from, edge.to]]
    })
    return {
      parts,
      outside: indices.filter(isOutside).map(name),
      edges,
      broken: new Set(broken.map(name)),
      clashes: pairs,
    }
  })

/** What the checks of a repository would say in a state: it sees itself and everything it uses. */
function oracleTest({ edges, broken, clashes }: World): (name: string, state: State) => string | undefined {
  return (name, state) => {
    const uses = providersFor(name, edges)
    const isNew = (other: string) => state.get(other)?.endsWith('-new') === true
    const seen = [name, ...uses]
    for (const other of seen) if (broken.has(other) && isNew(other)) return `${other} is broken`
    for (const [from, to] of clashes)
      if (seen.includes(from) && seen.includes(to) && isNew(from) && isNew(to)) return `${from} and ${to} clash`
    return undefined
  }
}

/** Everything as it was. */
function begin({ parts, outside }: World): Map<string, string> {
  return new Map([
    ...outside.map((name) => [name, `${name}-old`] as const),
    ...parts.map(({ name, tip }) => [name, tip] as const),
  ])
}

/** The same, slowly: one unit after another, everything tested in every state. */
function serially(world: World): { passed: string[]; state: State } {
  const testIn = oracleTest(world)
  let state = begin(world)
  const passed: string[] = []
  const out = new Set<string>()
  for (const unit of mergeOrder(
    world.parts.map(({ name }) => name),
    world.edges,
  )) {
    const parts = world.parts.filter(({ name }) => unit.includes(name))
    const uses = providersFor(unit[0] ?? '', world.edges)
    const next = new Map([...state, ...parts.map(({ name, merged, tip }) => [name, merged ?? tip] as const)])
    const fits = parts.every(({ merged }) => merged !== undefined) && ![...uses].some((name) => out.has(name))
    const green = fits && [...next.keys()].every((name) => testIn(name, next) === undefined)
    if (!green) for (const name of unit) out.add(name)
    else {
      passed.push(...unit)
      state = next
    }
  }
  return { passed, state }
}

test('1,000 random change sets with planted faults: the same is delivered as by a serial oracle, and every prefix is green', async () => {
  let ejections = 0
  let circles = 0
  await fc.assert(
    fc.asyncProperty(worlds, async (world) => {
      const testIn = oracleTest(world)
      let tests = 0
      const outside = new Map(world.outside.map((name) => [name, `${name}-old`]))
      const result = await prefixGate(world.parts, world.edges, outside, async (name, state) => {
        tests += 1
        return testIn(name, state)
      })
      const expected = serially(world)
      const passed = result.passed.flat()
      expect([...passed].sort()).toEqual([...expected.passed].sort())
      // What was tested is what is merged.
      expect([...result.state].sort()).toEqual([...expected.state].sort())
      ejections += result.ejected.length
      expect([...passed, ...result.ejected.map(({ name }) => name)].sort()).toEqual(
        world.parts.map(({ name }) => name).sort(),
      )
      const state = begin(world)
      const done = new Set<string>()
      for (const unit of result.passed) {
        for (const name of unit) state.set(name, `${name}-new`)
        for (const name of unit) done.add(name)
        for (const name of state.keys()) expect(testIn(name, state)).toBeUndefined()
        for (const name of unit)
          for (const used of providersFor(name, world.edges)) expect(done.has(used) || outside.has(used)).toBe(true)
        circles += unit.length > 1 ? 1 : 0
      }
      expect(tests).toBeLessThanOrEqual((world.parts.length + world.outside.length) ** 2)
    }),
    { numRuns: runs(1000) },
  )
  expect(ejections).toBeGreaterThan(runs(1000) / 5)
  expect(circles).toBeGreaterThan(runs(1000) / 20)
})

test('those that need each other are delivered as one', () => {
  const edge = (from: string, to: string): Edge => ({ from, to, kind: 'package', why: '' })
  const edges = [edge('a', 'b'), edge('b', 'c'), edge('c', 'b'), edge('c', 'd')]
  expect(mergeOrder(['d', 'c', 'b', 'a'], edges)).toEqual([['a'], ['c', 'b'], ['d']])
})

test('what lies outside the change set still puts its parts in order, and can close a circle', () => {
  const edge = (from: string, to: string): Edge => ({ from, to, kind: 'proto', why: '' })
  const between = [edge('lib', 'outside'), edge('outside', 'app')]
  expect(mergeOrder(['app', 'lib'], between)).toEqual([['lib'], ['app']])
  expect(mergeOrder(['app', 'lib'], [...between, edge('app', 'lib')])).toEqual([['app', 'lib']])
  expect(mergeOrder(['app', 'app'], [edge('app', 'app')])).toEqual([['app']])
})

test('a circle of contracts is ejected as one, with what builds on it', async () => {
  const edge = (from: string, to: string, kind: Edge['kind']): Edge => ({ from, to, kind, why: '' })
  const edges = [edge('api', 'web', 'openapi'), edge('web', 'api', 'json-schema'), edge('web', 'docs', 'package')]
  const parts = ['docs', 'web', 'api', 'other'].map((name) => ({ name, tip: 'old', merged: 'new' }))
  const result = await prefixGate(parts, edges, new Map(), async (name, state) =>
    name === 'api' && state.get('web') === 'new' ? 'red' : undefined,
  )
  expect(result.passed).toEqual([['other']])
  expect(result.ejected.map(({ name }) => name).sort()).toEqual(['api', 'docs', 'web'])
})

test('a user outside the change set that breaks keeps its provider out', async () => {
  const parts = [{ name: 'lib', tip: 'lib-old', merged: 'lib-new' }]
  const edges: Edge[] = [{ from: 'lib', to: 'app', kind: 'package', why: 'package' }]
  const testIn = (before: string | undefined) => async (name: string, state: State) =>
    name !== 'app' ? undefined : state.get('lib') === 'lib-new' ? 'function is gone' : before
  const outside = new Map([['app', 'app-old']])
  const result = await prefixGate(parts, edges, outside, testIn(undefined))
  expect(result.passed).toEqual([])
  expect(result.ejected).toEqual([{ name: 'lib', reason: 'app, as it is, breaks with it: function is gone' }])
  // What was red before is not held against it.
  expect((await prefixGate(parts, edges, outside, testIn('red all the time'))).passed).toEqual([['lib']])
})
