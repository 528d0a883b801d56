import { joinedLines, passageTokens } from './passage-tokens.ts'
import { headingPaths, listSections } from './sections.ts'
import { linesOf, normalizeText } from './text.ts'
import { applyChanges, type Change, changesOf, type Stretch, threeWay } from './three-way.ts'
import { diffTokens, type Effort, fullEffort } from './token-diff.ts'

/** A place both sides changed in ways that do not fit together; the three texts without a line end at their end. */
export interface Conflict {
  readonly base: string
  readonly mine: string
  readonly theirs: string
  /** Lines of `theirs`, counted from 1, both included; `end` is `start - 1` where theirs has nothing left there. */
  readonly lines: { readonly start: number; readonly end: number }
  /** Headings above it in theirs, such as `Requirements > Login`; `replaceSection` takes it as a section. */
  readonly section?: string
}

export type Merge =
  | { readonly kind: 'merged'; readonly text: string }
  | { readonly kind: 'conflict'; readonly conflicts: readonly Conflict[] }

type Clash = Extract<Stretch, { kind: 'clash' }>

/** Characters that may be compared by sentence in one merge; what lies beyond is compared by line only. */
const MAX_SENTENCE_CHARACTERS = 256 * 1024

/**
 * Merges two edits of one text: `theirs` is the text that holds now, `mine` the edit to be brought in. By line, then
 * by sentence where lines clash; never below, since half of one sentence and half of another is text nobody wrote.
 * Fenced code and table rows are kept or replaced whole. Insertions at one place are both kept, theirs first.
 * All or nothing: one conflict and nothing is merged. Bounded in time; texts too different to compare in full conflict.
 */
export function merge3(base: string, mine: string, theirs: string): Merge {
  const [baseText, mineText, theirsText] = [normalizeText(base), normalizeText(mine), normalizeText(theirs)]
  if (mineText === baseText || mineText === theirsText) return { kind: 'merged', text: theirsText }
  if (theirsText === baseText) return { kind: 'merged', text: mineText }

  const effort = fullEffort()
  const lines = linesOf(baseText)
  const joined = joinedLines(lines)
  const changes = (side: string): Change[] => {
    const sideLines = linesOf(side)
    return widen(lines, joined, changesOf(diffTokens(lines, sideLines, effort), sideLines))
  }
  const merged: string[] = []
  const clashes: Clash[] = []
  let characters = MAX_SENTENCE_CHARACTERS
  for (const stretch of threeWay(lines, changes(mineText), changes(theirsText))) {
    if (stretch.kind === 'settled') {
      for (const line of stretch.tokens) merged.push(`${line}\n`)
      continue
    }
    characters -= sizeOf(stretch.base) + sizeOf(stretch.mine) + sizeOf(stretch.theirs)
    const text = characters < 0 ? undefined : mergeSentences(stretch, effort)
    if (text === undefined) clashes.push(stretch)
    else merged.push(text)
  }
  if (clashes.length === 0) return { kind: 'merged', text: normalizeText(merged.join('')) }
  const pathAt = headingPaths(listSections(theirsText))
  return { kind: 'conflict', conflicts: clashes.map((clash) => describe(clash, pathAt)) }
}

/** Stretches changes over all lines that belong together with those they touch. */
function widen(base: readonly string[], joined: readonly boolean[], changes: readonly Change[]): Change[] {
  const groups: { start: number; end: number; changes: Change[] }[] = []
  for (const change of changes) {
    let { start, end } = change
    const last = groups.at(-1)
    if (last !== undefined && start < last.end) {
      last.changes.push(change)
      continue
    }
    while (joined[end] === true) end++
    while (joined[start] === true) start--
    groups.push({ start, end, changes: [change] })
  }
  return groups.map((group) => ({
    start: group.start,
    end: group.end,
    tokens: applyChanges(base, group, group.changes),
  }))
}

function mergeSentences(clash: Clash, effort: Effort): string | undefined {
  const base = passageTokens(clash.base)
  const mine = passageTokens(clash.mine)
  const theirs = passageTokens(clash.theirs)
  const stretches = threeWay(
    base,
    changesOf(diffTokens(base, mine, effort), mine),
    changesOf(diffTokens(base, theirs, effort), theirs),
  )
  if (stretches.some((stretch) => stretch.kind === 'clash')) return undefined
  const tokens = stretches.flatMap((stretch) => (stretch.kind === 'settled' ? stretch.tokens : []))
  return isJoinedAs(tokens, [base, mine, theirs]) ? tokens.join('') : undefined
}

/**
 * Whether all neighbours in the merged tokens are neighbours in one of the texts too. Where one side took a line end
 * out and the other put words beside it, they are not: a sentence would be glued to one it never stood beside.
 */
function isJoinedAs(merged: readonly string[], texts: readonly (readonly string[])[]): boolean {
  const known = new Map<string, Set<string>>()
  for (const tokens of texts) {
    for (const [index, token] of ['', ...tokens].entries()) {
      const followers = known.get(token) ?? new Set()
      known.set(token, followers.add(tokens[index] ?? ''))
    }
  }
  return ['', ...merged].every((token, index) => {
    const next = merged[index] ?? ''
    return known.get(token)?.has(next) === true || mayFollow(token, next)
  })
}

/** A space may follow any whole sentence, and another sentence a Chinese or Japanese one directly. */
function mayFollow(token: string, next: string): boolean {
  const isSpace = next !== '' && !next.includes('\n') && next.trim() === ''
  return isSpace ? /[.!?…][\p{Pe}\p{Pf}"'*_`]*$/u.test(token.slice(-10)) : /[。！？]$/.test(token) && next.trim() !== ''
}

function describe(clash: Clash, pathAt: ReturnType<typeof headingPaths>): Conflict {
  const start = clash.theirsStart + 1
  const section = pathAt(start)
  return {
    base: clash.base.join('\n'),
    mine: clash.mine.join('\n'),
    theirs: clash.theirs.join('\n'),
    lines: { start, end: clash.theirsStart + clash.theirs.length },
    ...(section !== undefined && { section }),
  }
}

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0)
}
