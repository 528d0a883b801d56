import { diffArrays } from 'diff'

/** `base[start, end)` became `side[from, to)`. */
export interface Hunk {
  readonly start: number
  readonly end: number
  readonly from: number
  readonly to: number
}

/** What is left to spend on diffs; shared by all diffs of one call. A diff of n edits costs n × n. */
export interface Effort {
  steps: number
}

/** About 0.1 s on the slowest machine measured. */
export function fullEffort(): Effort {
  return { steps: 2_000_000 }
}

/** Edits searched for at once: in the whole, and between anchors where the whole has more. */
const MAX_EDITS = 1000
const MAX_EDITS_BETWEEN_ANCHORS = 250
const MAX_DEPTH = 8

/**
 * Hunks that turn base into side, in order, never touching each other. The shortest edit where it is short; else split
 * at tokens that occur once on both sides (patience diff); else, or with no effort left, one coarse hunk. Always right,
 * only coarser. Where a hunk could stand in several places it stands in the last, so that two diffs of one base agree.
 */
export function diffTokens(base: readonly string[], side: readonly string[], effort: Effort): Hunk[] {
  const numbers = new Map<string, number>()
  const numbered = (token: string): number => {
    const known = numbers.get(token)
    if (known !== undefined) return known
    numbers.set(token, numbers.size)
    return numbers.size - 1
  }
  const hunks: Hunk[] = []
  search(base.map(numbered), side.map(numbered), { from: 0, offset: 0 }, 0, effort, hunks)
  return settle(base, side, hunks)
}

/** Diffs two slices; `at` says where they start in base (`offset`) and side (`from`). */
function search(
  base: readonly number[],
  side: readonly number[],
  at: { readonly offset: number; readonly from: number },
  depth: number,
  effort: Effort,
  hunks: Hunk[],
): void {
  const shorter = Math.min(base.length, side.length)
  let head = 0
  while (head < shorter && base[head] === side[head]) head++
  let tail = 0
  while (tail < shorter - head && base[base.length - 1 - tail] === side[side.length - 1 - tail]) tail++
  const a = base.slice(head, base.length - tail)
  const b = side.slice(head, side.length - tail)
  if (a.length === 0 && b.length === 0) return
  const start = at.offset + head
  const from = at.from + head
  const whole = { start, end: start + a.length, from, to: from + b.length }
  if (a.length === 0 || b.length === 0) {
    hunks.push(whole)
    return
  }
  const cap = Math.min(depth === 0 ? MAX_EDITS : MAX_EDITS_BETWEEN_ANCHORS, Math.floor(Math.sqrt(effort.steps)))
  if (fewestEdits(a, b) <= cap) {
    const found = shortest(a, b, cap, start, from)
    if (found !== undefined) {
      effort.steps -= found.edits * found.edits
      hunks.push(...found.hunks)
      return
    }
    effort.steps -= cap * cap
  }
  const anchors = depth < MAX_DEPTH ? anchorsOf(a, b) : []
  if (anchors.length === 0) {
    hunks.push(whole)
    return
  }
  let inA = 0
  let inB = 0
  for (const [x, y] of [...anchors, [a.length, b.length] as const]) {
    search(a.slice(inA, x), b.slice(inB, y), { offset: start + inA, from: from + inB }, depth + 1, effort, hunks)
    inA = x + 1
    inB = y + 1
  }
}

/** How many edits there are at least: what occurs more often on one side has to go or to come. */
function fewestEdits(a: readonly number[], b: readonly number[]): number {
  const surplus = new Map<number, number>()
  for (const token of a) surplus.set(token, (surplus.get(token) ?? 0) + 1)
  for (const token of b) surplus.set(token, (surplus.get(token) ?? 0) - 1)
  let edits = 0
  for (const count of surplus.values()) edits += Math.abs(count)
  return edits
}

function shortest(a: number[], b: number[], cap: number, offset: number, from: number) {
  const changes = diffArrays(a, b, { maxEditLength: cap })
  if (changes === undefined) return undefined
  const hunks: Hunk[] = []
  let edits = 0
  let [start, to] = [offset, from]
  let open: { start: number; from: number } | undefined
  const close = (): void => {
    if (open !== undefined) hunks.push({ ...open, end: start, to })
    open = undefined
  }
  for (const change of changes) {
    if (change.added || change.removed) {
      open ??= { start, from: to }
      edits += change.count
    } else close()
    if (!change.added) start += change.count
    if (!change.removed) to += change.count
  }
  close()
  return { hunks, edits }
}

/** Pairs of positions of the tokens that occur once on each side, in an order both sides have: the longest such chain. */
function anchorsOf(a: readonly number[], b: readonly number[]): (readonly [number, number])[] {
  const inB = onceOnly(b)
  const pairs: [number, number][] = []
  for (const [token, x] of onceOnly(a)) {
    const y = inB.get(token)
    if (y !== undefined) pairs.push([x, y])
  }
  const ends: number[] = []
  const previous: (number | undefined)[] = []
  for (const [index, pair] of pairs.entries()) {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((pairs[ends[middle] ?? 0]?.[1] ?? 0) < pair[1]) low = middle + 1
      else high = middle
    }
    previous.push(low === 0 ? undefined : ends[low - 1])
    ends[low] = index
  }
  const chain: (readonly [number, number])[] = []
  for (let index = ends.at(-1); index !== undefined; index = previous[index]) {
    const pair = pairs[index]
    if (pair !== undefined) chain.push(pair)
  }
  return chain.reverse()
}

/** Tokens that occur once, with their position, in order of position. */
function onceOnly(tokens: readonly number[]): Map<number, number> {
  const seen = new Map<number, number>()
  const repeated = new Set<number>()
  for (const [index, token] of tokens.entries()) {
    if (seen.has(token)) repeated.add(token)
    else seen.set(token, index)
  }
  for (const token of repeated) seen.delete(token)
  return seen
}

/** Moves insertions and deletions as far down as equal tokens allow, and joins hunks that come to touch. */
function settle(base: readonly string[], side: readonly string[], hunks: readonly Hunk[]): Hunk[] {
  const settled: Hunk[] = []
  for (const hunk of hunks.toReversed()) {
    const next = settled.at(-1)
    const limit = next?.start ?? base.length
    const shift = slack(base, side, hunk, limit)
    const moved = { start: hunk.start + shift, end: hunk.end + shift, from: hunk.from + shift, to: hunk.to + shift }
    if (next !== undefined && moved.end === next.start) {
      settled[settled.length - 1] = { start: moved.start, end: next.end, from: moved.from, to: next.to }
    } else settled.push(moved)
  }
  return settled.reverse()
}

function slack(base: readonly string[], side: readonly string[], hunk: Hunk, limit: number): number {
  let shift = 0
  if (hunk.start === hunk.end) {
    while (hunk.end + shift < limit && side[hunk.from + shift] === base[hunk.end + shift]) shift++
  } else if (hunk.from === hunk.to) {
    while (hunk.end + shift < limit && base[hunk.start + shift] === base[hunk.end + shift]) shift++
  }
  return shift
}
