import { consumersOf, type Edge, mergeOrder } from '../order/merge-order.ts'

/** A repository's part: where its target branch stands, and what it would become. */
export interface Part {
  readonly name: string
  /** Empty where that cannot be told. */
  readonly tip: string
  /** Commit that would be delivered; undefined where it contradicts the target branch. */
  readonly merged: string | undefined
  readonly problem?: string | undefined
  /** What whoever delivers it has to know. */
  readonly note?: string | undefined
}

/** Commit of every repository of a state, by name. */
export type State = ReadonlyMap<string, string>

/** Runs the checks of one repository in a state; undefined where they are green, else why not. */
export type TestIn = (name: string, state: State) => Promise<string | undefined>

export interface GateResult {
  /** Units in the order of delivery. */
  readonly passed: readonly (readonly string[])[]
  readonly ejected: readonly { readonly name: string; readonly reason: string }[]
  /** State after everything that passed. */
  readonly state: State
}

/**
 * Finds what can be delivered so that after each step everything still works: goes through the units provider first, on top of
 * all that passed so far, and tests each with all that use it. What fails is ejected with everything that uses it; the rest
 * is tested without it.
 */
export async function prefixGate(
  parts: readonly Part[],
  edges: readonly Edge[],
  /** Repositories that are in no part but use one. */
  bystanders: State,
  test: TestIn,
): Promise<GateResult> {
  const byName = new Map(parts.map((part) => [part.name, part]))
  const names = parts.map(({ name }) => name)
  const standing = parts.filter(({ tip }) => tip !== '').map(({ name, tip }) => [name, tip] as const)
  let state = new Map([...bystanders, ...standing])
  const passed: (readonly string[])[] = []
  const ejected = new Map<string, string>()
  for (const unit of mergeOrder(names, edges)) {
    if (unit.some((name) => ejected.has(name))) continue
    const next = new Map(state)
    for (const name of unit) next.set(name, byName.get(name)?.merged ?? byName.get(name)?.tip ?? '')
    const reason = conflictIn(unit, byName) ?? (await testUnit(unit, edges, { before: state, next }, test))
    if (reason === undefined) {
      passed.push(unit)
      state = next
      continue
    }
    for (const name of unit) ejected.set(name, reason)
    for (const name of unit)
      for (const consumer of consumersOf(name, edges))
        if (byName.has(consumer) && !ejected.has(consumer))
          ejected.set(consumer, `It builds on ${name}, which was ejected.`)
  }
  return { passed, ejected: [...ejected].map(([name, reason]) => ({ name, reason })), state }
}

function conflictIn(unit: readonly string[], parts: ReadonlyMap<string, Part>): string | undefined {
  for (const name of unit) {
    const part = parts.get(name)
    if (part?.merged === undefined) return `${name}: ${part?.problem ?? 'it contradicts its target branch'}`
  }
  return undefined
}

async function testUnit(
  unit: readonly string[],
  edges: readonly Edge[],
  { before, next }: { readonly before: State; readonly next: State },
  test: TestIn,
): Promise<string | undefined> {
  for (const name of unit) {
    const problem = await test(name, next)
    if (problem !== undefined) return `${name}: ${problem}`
  }
  const users = new Set(unit.flatMap((name) => [...consumersOf(name, edges)]))
  for (const name of users) {
    if (unit.includes(name) || !next.has(name)) continue
    const problem = await test(name, next)
    // Red without it too: not its fault.
    if (problem !== undefined && (await test(name, before)) === undefined)
      return `${name}, as it is, breaks with it: ${problem}`
  }
  return undefined
}
