import { similarPairs } from '../../spec/requirement/similarity.ts'

/** What is compared: a task of the plan, or one that stays. */
export interface Comparable {
  readonly title: string
  readonly repository: string
  readonly requirements: readonly number[]
}

/** Words that do not tell one title from another. */
const FILLER = new Set('a an and as at by for from in into of on or that the this to via with'.split(' '))
const SIMILAR = 0.8

/**
 * Pairs of tasks that are the same work: in one repository, titles of the same words; or for the same requirements,
 * titles that begin alike, have the same numbers and differ in few words. The later one comes second.
 */
export function findDuplicates<T extends Comparable>(tasks: readonly T[]): readonly (readonly [T, T])[] {
  const pairs: (readonly [T, T])[] = []
  const sameWords = new Map<string, T>()
  const sameRequirements = new Map<string, { readonly task: T; readonly words: ReadonlySet<string> }[]>()
  for (const task of tasks) {
    const words = titleWords(task.title)
    const key = JSON.stringify([task.repository, titleKey(task.title)])
    const twin = sameWords.get(key)
    if (twin !== undefined) {
      pairs.push([twin, task])
      continue
    }
    sameWords.set(key, task)
    if (task.requirements.length === 0) continue
    // "Test the import" and "Write the import" are two tasks; so are part 1 and part 2.
    const requirements = task.requirements.toSorted((a, b) => a - b)
    const group = JSON.stringify([task.repository, requirements, words[0], numbersOf(words)])
    const entry = { task, words: new Set(words) }
    const others = sameRequirements.get(group)
    if (others === undefined) sameRequirements.set(group, [entry])
    else others.push(entry)
  }
  for (const group of sameRequirements.values()) if (group.length > 1) pairs.push(...similarOnes(group))
  return pairs
}

/** Each with the first that it is like. */
function similarOnes<T>(
  group: readonly { readonly task: T; readonly words: ReadonlySet<string> }[],
): readonly (readonly [T, T])[] {
  const sets = group.map(({ words }) => words)
  const first = new Map<number, number>()
  for (const { left, right } of similarPairs(sets, sets, SIMILAR))
    if (left < right) first.set(right, Math.min(left, first.get(right) ?? left))
  return [...first].flatMap(([later, earlier]) => {
    const [a, b] = [group[earlier], group[later]]
    return a === undefined || b === undefined ? [] : [[a.task, b.task] as const]
  })
}

/** The same for titles that differ in case, order, plural and filler words alone. */
export function titleKey(title: string): string {
  return titleWords(title).toSorted().join(' ')
}

function numbersOf(words: readonly string[]): string {
  return words
    .filter((word) => /\p{N}/u.test(word))
    .toSorted()
    .join(' ')
}

/** Words in order, once each; a title of signs alone is one word. */
function titleWords(title: string): readonly string[] {
  const all = title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [title.trim()]
  const telling = all.filter((word) => !FILLER.has(word))
  return [...new Set((telling.length > 0 ? telling : all).map((word) => word.replace(/(?<=\p{L}{3})s$/u, '')))]
}
