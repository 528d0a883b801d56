import type { Hunk } from './token-diff.ts'

/** `base[start, end)` became `tokens` on one side. */
export interface Change {
  readonly start: number
  readonly end: number
  readonly tokens: readonly string[]
}

/** A stretch of the result: settled, or changed by both in ways that do not fit together. */
export type Stretch =
  | { readonly kind: 'settled'; readonly tokens: readonly string[] }
  | {
      readonly kind: 'clash'
      readonly base: readonly string[]
      readonly mine: readonly string[]
      readonly theirs: readonly string[]
      /** Position of `theirs` in their whole. */
      readonly theirsStart: number
    }

interface Region {
  start: number
  end: number
  readonly mine: Change[]
  readonly theirs: Change[]
}

export function changesOf(hunks: readonly Hunk[], side: readonly string[]): Change[] {
  return hunks.map((hunk) => ({ start: hunk.start, end: hunk.end, tokens: side.slice(hunk.from, hunk.to) }))
}

/**
 * Three-way merge of changes to one base, each side's in order and apart from each other. Unlike diff3, edits of
 * neighbouring tokens do not clash: a token here is a line or a sentence, a thing of its own.
 */
export function threeWay(base: readonly string[], mine: readonly Change[], theirs: readonly Change[]): Stretch[] {
  const stretches: Stretch[] = []
  let at = 0
  let theirsShift = 0
  for (const region of regionsOf(mine, theirs)) {
    if (at < region.start) stretches.push({ kind: 'settled', tokens: base.slice(at, region.start) })
    stretches.push(settle(base, region, region.start + theirsShift))
    theirsShift += region.theirs.reduce((sum, change) => sum + change.tokens.length - (change.end - change.start), 0)
    at = region.end
  }
  if (at < base.length) stretches.push({ kind: 'settled', tokens: base.slice(at) })
  return stretches
}

/** Groups changes that collide, directly or through others. */
function regionsOf(mine: readonly Change[], theirs: readonly Change[]): Region[] {
  const all = [
    ...mine.map((change) => ({ side: 'mine' as const, change })),
    ...theirs.map((change) => ({ side: 'theirs' as const, change })),
  ].sort((a, b) => a.change.start - b.change.start || a.change.end - b.change.end)
  const regions: Region[] = []
  for (const { side, change } of all) {
    let region = regions.at(-1)
    const other = region?.[side === 'mine' ? 'theirs' : 'mine'].at(-1)
    if (region === undefined || other === undefined || !collide(other, change)) {
      region = { start: change.start, end: change.end, mine: [], theirs: [] }
      regions.push(region)
    }
    region[side].push(change)
    region.end = Math.max(region.end, change.end)
  }
  return regions
}

/** `first` starts no later than `second`. */
function collide(first: Change, second: Change): boolean {
  if (second.start < first.end) return true
  if (second.start > first.end) return false
  const bothInsert = first.start === first.end && second.start === second.end
  // What is put in right behind something that the other side cut may have belonged to it.
  const behindCut = second.start === second.end && first.tokens.length < first.end - first.start
  return bothInsert || behindCut
}

function settle(base: readonly string[], region: Region, theirsStart: number): Stretch {
  const mine = applyChanges(base, region, region.mine)
  const theirs = applyChanges(base, region, region.theirs)
  if (region.mine.length === 0 || equal(mine, theirs)) return { kind: 'settled', tokens: theirs }
  if (region.theirs.length === 0) return { kind: 'settled', tokens: mine }
  // Blanks alone are nothing to decide on: what holds now stays.
  if (equal(mine.filter(isFilled), theirs.filter(isFilled))) return { kind: 'settled', tokens: theirs }
  // Into an empty base both sides wrote a whole of their own: two versions, not two additions.
  const both = region.start === region.end && base.length > 0 ? keepBoth(theirs, mine) : undefined
  if (both !== undefined) return { kind: 'settled', tokens: both }
  return { kind: 'clash', base: base.slice(region.start, region.end), mine, theirs, theirsStart }
}

/**
 * Two insertions at one place, one after the other; undefined where that would misplace or double something: only one
 * of them is set apart by blanks, so that the second would run on from the first, or both start alike, which makes them
 * two versions of one thing (each side added the same heading, say).
 */
function keepBoth(first: readonly string[], second: readonly string[]): readonly string[] | undefined {
  const opening = first.find(isFilled)
  if (opening === undefined) return second
  if (!second.some(isFilled)) return first
  if (opening === second.find(isFilled)) return undefined
  const alike = isFilled(first.at(0)) === isFilled(second.at(0)) && isFilled(first.at(-1)) === isFilled(second.at(-1))
  return alike ? [...first, ...second] : undefined
}

function isFilled(token: string | undefined): boolean {
  return token !== undefined && token.trim() !== ''
}

/** What the changes make of a range of the base that holds them all. */
export function applyChanges(
  base: readonly string[],
  range: { readonly start: number; readonly end: number },
  changes: readonly Change[],
): readonly string[] {
  const tokens: string[] = []
  let at = range.start
  for (const change of changes) {
    for (; at < change.start; at++) tokens.push(base[at] ?? '')
    for (const token of change.tokens) tokens.push(token)
    at = change.end
  }
  for (; at < range.end; at++) tokens.push(base[at] ?? '')
  return tokens
}

function equal(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((token, index) => token === b[index])
}
