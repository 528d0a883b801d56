import { isDeepStrictEqual } from 'node:util'
import { normalizeText } from '../../documents/text.ts'
import { merging } from '../../reading/readings.ts'
import type { Base, Side } from '../../store/links.ts'

/** What is done with a field that changed there: taken, left for good, or told until somebody decides. */
type Decision = 'take' | 'leave' | 'conflict'

/** A field that changed there. */
export interface Change<V> {
  readonly ours: V
  readonly theirs: V
  readonly changedHere: boolean
  /** Whether it was in step before. */
  readonly known: boolean
}

/** How a field is compared and merged. */
export interface FieldRule<V> {
  equal(one: unknown, other: unknown): boolean
  /** Both changes in one, or the places where they clash; without it two changes are a conflict. */
  readonly merge?: (sides: Sides<V>) => { readonly value: V } | { readonly places: readonly string[] }
  /** What `theirs` would be here had nothing changed here; without it: as at the last time in step. */
  readonly withoutOurs?: (sides: Omit<Sides<V>, 'ours'>) => unknown
  /** Decides about what would be taken or merged, or is in conflict for want of a base; undefined: as usual. */
  readonly decide?: (change: Change<V>) => Decision | undefined
}

interface Sides<V> {
  readonly ours: V
  readonly theirs: V
  readonly base: { readonly ours: unknown; readonly theirs: unknown }
}

export type FieldRules<T> = { readonly [Field in keyof T]?: FieldRule<T[Field]> }

export interface FieldConflict {
  readonly field: string
  readonly ours: unknown
  readonly theirs: unknown
  /** Undefined where the field was never in step. */
  readonly base: { readonly ours: unknown; readonly theirs: unknown } | undefined
  /** Where a text clashes. */
  readonly places?: readonly string[]
}

export interface Merge<T> {
  /** What is to be written here. */
  readonly take: Partial<T>
  /** What changed here, and is there once it is written there. */
  readonly keep: Partial<T>
  readonly conflicts: readonly FieldConflict[]
}

type Comparison = Pick<FieldRule<unknown>, 'equal'>

/** A value that is taken whole. */
export const value: Comparison = {
  equal: (one, other) => isDeepStrictEqual(plain(one), plain(other)),
}

/** A list whose order says nothing, taken whole. */
export const unordered: Comparison = {
  equal: (one, other) => isDeepStrictEqual([...new Set(textsOf(one))].sort(), [...new Set(textsOf(other))].sort()),
}

/** A list whose order says nothing and whose entries come and go one by one. */
export const set: FieldRule<string[]> = {
  ...unordered,
  merge: ({ ours, theirs, base }) => ({ value: withChanges(ours, textsOf(base.theirs), theirs) }),
  withoutOurs: ({ theirs, base }) => withChanges(textsOf(base.ours), textsOf(base.theirs), theirs),
}

/** A text of several lines, merged by line and sentence. */
export const text: FieldRule<string> = {
  equal: (one, other) =>
    typeof one === 'string' && typeof other === 'string' ? normalizeText(one) === normalizeText(other) : one === other,
  merge: ({ ours, theirs, base }) => {
    const merged = merging.now({ base: typeof base.theirs === 'string' ? base.theirs : '', mine: theirs, theirs: ours })
    return merged.kind === 'merged'
      ? { value: merged.text }
      : { places: merged.conflicts.slice(0, 3).map(({ section, lines }) => section ?? `line ${lines.start}`) }
  },
  withoutOurs: ({ theirs }) => theirs,
}

/**
 * Compares both sides with what they were when last in step, field by field: what one side changed is taken or kept,
 * what both changed is merged where its rule can, else in conflict. Without a base whatever differs is in conflict.
 */
export function mergeFields<T extends object>(
  ours: T,
  theirs: T,
  base: Base | undefined,
  rules: FieldRules<T>,
): Merge<T> {
  const take: Partial<T> = {}
  const keep: Partial<T> = {}
  const conflicts: FieldConflict[] = []
  for (const field in rules) {
    const rule = rules[field]
    if (rule === undefined || rule.equal(ours[field], theirs[field])) continue
    const was = baseOf(base, field)
    const conflict = { field, ours: ours[field], theirs: theirs[field], base: was }
    const changedHere = was === undefined || !rule.equal(ours[field], was.ours)
    const changedThere = was === undefined || !rule.equal(theirs[field], was.theirs)
    if (!changedThere) {
      // Two forms of the same are in step.
      if (changedHere) keep[field] = ours[field]
      continue
    }
    const change = { ours: ours[field], theirs: theirs[field], changedHere, known: was !== undefined }
    const decision = rule.decide?.(change)
    if (decision === 'leave') continue
    if (decision === 'conflict') conflicts.push(conflict)
    else if (decision === 'take' || !changedHere) take[field] = theirs[field]
    else if (was === undefined || rule.merge === undefined) conflicts.push(conflict)
    else {
      const merged = rule.merge({ ours: ours[field], theirs: theirs[field], base: was })
      if ('places' in merged) conflicts.push({ ...conflict, places: merged.places })
      else {
        if (!rule.equal(merged.value, ours[field])) take[field] = merged.value
        if (!rule.equal(merged.value, theirs[field])) keep[field] = merged.value
      }
    }
  }
  return { take, keep, conflicts }
}

/**
 * The base of the next merge, once this one is written; `ours` and `theirs` as they are then. A field in conflict keeps
 * the base it had, or the conflict would be gone the next time; so does what was kept here and not written there.
 */
export function nextBase<T extends object>(
  base: Base | undefined,
  { keep, conflicts }: Pick<Merge<T>, 'keep' | 'conflicts'>,
  ours: T,
  theirs: T,
  rules: FieldRules<T>,
): Base {
  const next = { ours: new Map<string, unknown>(), theirs: new Map<string, unknown>() }
  for (const field in rules) {
    const rule = rules[field]
    if (rule === undefined) continue
    const was = baseOf(base, field)
    let here: unknown = ours[field]
    let there: unknown = theirs[field]
    const conflict = conflicts.find((one) => one.field === field)
    if (conflict !== undefined) {
      if (conflict.base === undefined) continue
      here = conflict.base.ours
      there = conflict.base.theirs
    } else if (field in keep && was !== undefined && !rule.equal(ours[field], theirs[field])) {
      here = rule.withoutOurs === undefined ? was.ours : rule.withoutOurs({ theirs: theirs[field], base: was })
    }
    next.ours.set(field, here ?? null)
    next.theirs.set(field, there ?? null)
  }
  return { ours: Object.fromEntries(next.ours), theirs: Object.fromEntries(next.theirs) }
}

/** The fields that have rules, as a base holds them. */
export function sideOf<T extends object>(entity: T, rules: FieldRules<T>): Side {
  const side = new Map<string, unknown>()
  for (const field in rules) side.set(field, entity[field] ?? null)
  return Object.fromEntries(side)
}

function baseOf(base: Base | undefined, field: string): Sides<unknown>['base'] | undefined {
  if (base === undefined || !Object.hasOwn(base.ours, field) || !Object.hasOwn(base.theirs, field)) return undefined
  return { ours: base.ours[field], theirs: base.theirs[field] }
}

/** `list` with what came and went between `before` and `after`. */
function withChanges(list: readonly string[], before: readonly string[], after: readonly string[]): string[] {
  const gone = new Set(before.filter((entry) => !after.includes(entry)))
  const added = after.filter((entry) => !before.includes(entry))
  return [...new Set([...list.filter((entry) => !gone.has(entry)), ...added])]
}

function textsOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : []
}

/** As it is read back from JSON, so that a field that is undefined equals one that is not there. */
function plain(entry: unknown): unknown {
  return entry === undefined ? null : JSON.parse(JSON.stringify(entry))
}
