import type { Line } from './line.ts'

const TASK_ID = 'T[-_]?\\d{1,6}(?:\\.\\d{1,4}){0,3}[a-z]?'
const LIST = `${TASK_ID}(?:\\s*(?:,|&|\\+|and|to|through|[-–—]|\\.\\.)\\s*(?:and\\s+)?${TASK_ID}){0,50}`
const IN_TASK = new RegExp(
  `(?:depends\\s+(?:up)?on|depend\\s+on|dependencies|dependency|requires?|blocked\\s+by|after)\\**:?\\**\\s*(?:tasks?\\s+)?(${LIST})`,
  'gi',
)
const BLOCKS = new RegExp(
  `^[-*+]\\s+\\**(${LIST})\\**\\s+(?:blocks|must\\s+(?:be\\s+)?(?:complete|finish)\\w*\\s+before|before)\\s+(${LIST})`,
  'i',
)
const WAITS = new RegExp(`^[-*+]\\s+\\**(${LIST})\\**\\s+(?:depends?\\s+on|requires?|blocked\\s+by)\\s+(${LIST})`, 'i')
const RANGE = new RegExp(`(${TASK_ID})\\s*(?:to|through|[-–—]|\\.\\.)\\s*(${TASK_ID})`, 'gi')

/** Dependencies people wrote: behind a task, or as a line about tasks beside the list. By id of the waiting task, ids as written. */
export function writtenDependencies(lines: readonly Line[], prose: string): ReadonlyMap<string, readonly string[]> {
  const order = lines.filter(({ written }) => written).map(({ id }) => id)
  const place = new Map(order.map((id, index) => [id.toUpperCase(), index]))
  const listed = (text: string): readonly string[] => listedIds(text, order, place)
  const found = new Map<string, string[]>()
  const add = (id: string, others: readonly string[]): void => {
    const known = found.get(id) ?? []
    known.push(...others)
    found.set(id, known)
  }
  for (const { id, text, box } of lines)
    for (const part of [text, ...box.more]) for (const match of part.matchAll(IN_TASK)) add(id, listed(match[1] ?? ''))
  const byId = new Map(order.map((id) => [id.toUpperCase(), id]))
  for (const line of prose.split('\n')) {
    const blocks = BLOCKS.exec(line.trim())
    const waits = WAITS.exec(line.trim())
    const [, first, then] = blocks ?? [undefined, waits?.[2], waits?.[1]]
    if (first === undefined || then === undefined) continue
    const before = listed(first).flatMap((id) => byId.get(id.toUpperCase()) ?? [])
    // Prose speaks of tasks loosely; what it says of one that is not there holds nothing back.
    for (const id of listed(then)) {
      const waiting = byId.get(id.toUpperCase())
      if (waiting !== undefined)
        add(
          waiting,
          before.filter((other) => other !== waiting),
        )
    }
  }
  return found
}

/** The ids of a list, ranges such as `T004-T007` by the order of the file. */
function listedIds(text: string, order: readonly string[], place: ReadonlyMap<string, number>): readonly string[] {
  const between = [...text.matchAll(RANGE)].flatMap(([, from = '', to = '']) => {
    const first = place.get(from.toUpperCase())
    const last = place.get(to.toUpperCase())
    return first === undefined || last === undefined ? [] : order.slice(first, last + 1)
  })
  return [...new Set([...idsIn(text, new RegExp(TASK_ID, 'gi')), ...between])]
}

export function idsIn(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([id]) => id)
}
