import { refuse } from '../reading/refusal.ts'
import type { Line } from './line.ts'

/** Every task of a phase waits for every one of the phase before: large phases would fill the memory. */
const MAX_EDGES = 1_000_000

interface Phase {
  readonly title: string
  readonly lines: Line[]
  /** Number of the story it makes; phases of different stories do not wait for each other. */
  readonly story: string | undefined
}

/**
 * What waits for what by the rules of the format: a phase for the one before it, stories only for what all of them are
 * built on, the last touches for every story; in a phase a task for the ones before it, unless it is marked [P]; and what
 * is built for its tests, where those stand apart. By ref of the waiting task.
 */
export function impliedOrder(
  lines: readonly Line[],
  file: string,
  refOf: (id: string) => string,
): ReadonlyMap<string, readonly string[]> {
  const waits = new Map<string, Set<string>>()
  let edges = 0
  const add = (line: Line, others: readonly Line[]): void => {
    edges += others.length
    if (edges > MAX_EDGES)
      refuse({ file }, `its phases make more than ${MAX_EDGES} dependencies.`, 'Split the feature and import again.')
    const known = waits.get(refOf(line.id)) ?? new Set<string>()
    for (const other of others) if (other !== line) known.add(refOf(other.id))
    waits.set(refOf(line.id), known)
  }
  /** What a phase waits for: the last tasks of the phases before it. */
  let base: readonly Line[] = []
  let stories: { readonly story: string; readonly ends: readonly Line[] }[] = []
  for (const phase of phasesOf(lines)) {
    if (phase.story === undefined) {
      const before = stories.length > 0 ? stories.flatMap(({ ends }) => ends) : base
      base = order(phase, before, add)
      stories = []
    } else {
      const own = stories.findLast(({ story }) => story === phase.story)
      const ends = order(phase, own?.ends ?? base, add)
      stories = [...stories.filter((other) => other !== own), { story: phase.story, ends }]
    }
  }
  return new Map([...waits].map(([ref, others]) => [ref, [...others]]))
}

/** Chains the tasks of one phase; the ones that nothing in it waits for. */
function order(
  phase: Phase,
  before: readonly Line[],
  add: (line: Line, others: readonly Line[]) => void,
): readonly Line[] {
  const tests = phase.lines.filter(isTest)
  const isSplit = tests.length > 0 && tests.length < phase.lines.length
  let last: Line | undefined
  let parallel: Line[] = []
  for (const line of phase.lines) {
    const first = last === undefined || line.parallel ? before : []
    const written = isSplit && !isTest(line) && line.parallel ? tests : []
    if (line.parallel) {
      add(line, written.length > 0 ? written : first)
      parallel.push(line)
    } else {
      // The tasks beside it waited for what was before the phase already.
      add(
        line,
        parallel.length > 0 || last !== undefined ? [...(last === undefined ? [] : [last]), ...parallel] : first,
      )
      last = line
      parallel = []
    }
  }
  return last === undefined ? parallel : [last, ...parallel]
}

function isTest({ box }: Line): boolean {
  return /^tests?\b/i.test(box.headings.at(-1) ?? '')
}

/** Consecutive tasks under one heading of the level of phases: the outermost one with several beside it. */
function phasesOf(lines: readonly Line[]): readonly Phase[] {
  const level = levelOfPhases(lines)
  const phases: Phase[] = []
  for (const line of lines) {
    const title = line.box.headings.slice(0, level + 1).join('\n')
    const last = phases.at(-1)
    if (last !== undefined && last.title === title) last.lines.push(line)
    else phases.push({ title, lines: [line], story: undefined })
  }
  return phases.map((phase) => ({ ...phase, story: storyOf(phase) }))
}

function levelOfPhases(lines: readonly Line[]): number {
  const named = lines.flatMap(({ box }) => box.headings.findIndex((heading) => /^\W*phase\b/i.test(heading)))
  const level = named.find((index) => index !== -1)
  if (level !== undefined) return level
  const titles = (index: number): number => new Set(lines.map(({ box }) => box.headings[index] ?? '')).size
  return titles(0) > 1 ? 0 : 1
}

function storyOf({ title, lines }: Phase): string | undefined {
  const heading = title.split('\n').at(-1) ?? ''
  const named = /\b(?:user\s+story|story|US)[-_ ]?(\d+)/i.exec(heading)?.[1]
  if (named !== undefined) return named
  const stories = new Set(lines.map(({ story }) => story))
  const [only] = stories
  return stories.size === 1 && only !== undefined ? /\d+/.exec(only)?.[0] : undefined
}
