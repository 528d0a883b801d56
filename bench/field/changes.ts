import { readFileSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { trackedFiles } from './clone.ts'
import { type InShell, inShell } from './shell.ts'

/** What an agent writes: whole files, by path. */
export interface Change {
  readonly what: string
  readonly write?: Readonly<Record<string, string>>
  readonly remove?: readonly string[]
}

const TEST =
  /(?:^|\/)(?:tests?|specs?|__tests__|t)\/|(?:[._-](?:test|spec)|_test)\.\w+$|(?:^|\/)test[_-]?[^/]*\.\w+$|\.bats$/i
const CODE = /^\.(?:[cm]?[jt]sx?|py|go|rs|c|h|cc|cpp|hpp|rb|php|exs?|p[lm]|sh|bash|java|lua)$/
const NOT_SOURCE =
  /(?:^|\/)(?:bench\w*|docs?|examples?|demo|scripts?|tools?|vendor|third_party|fuzz\w*|perf\w*|dist|bin-test|contrib|completions?|\.[^/]+)\/|\.config\.|\.d\.[cm]?ts$|(?:^|\/)(?:setup|conf|conftest|build)\.\w+$/i

const isTest = (path: string) => TEST.test(path)

/** Files of tests, those that look most like one first. */
export function testFiles(root: string): readonly string[] {
  const named = /(?:[._-](?:test|spec)|_test|Test)\.\w+$|(?:^|\/)test[_-][^/]*\.\w+$|\.(?:bats|t)$/
  const rank = (path: string) => (named.test(path) ? 0 : 1)
  return trackedFiles(root)
    .filter((path) => isTest(path) && (CODE.test(extname(path)) || /\.(?:bats|t)$/.test(path)))
    .filter(
      (path) =>
        !/(?:^|\/)(?:fixtures?|helpers?|support|data|vendor|lib)\//i.test(path) &&
        !/helper|conftest|__init__/.test(path),
    )
    .sort((a, b) => rank(a) - rank(b) || sizeOf(root, b) - sizeOf(root, a))
}

const sizeOf = (root: string, path: string) => readFileSync(join(root, path)).length

/** Source files that are not tests, the largest first: what a repository is about is seldom in the smallest. */
export function sourceFiles(root: string): readonly string[] {
  return trackedFiles(root)
    .filter((path) => !isTest(path) && !NOT_SOURCE.test(path) && isCode(root, path))
    .sort((a, b) => sizeOf(root, b) - sizeOf(root, a))
}

function isCode(root: string, path: string): boolean {
  if (CODE.test(extname(path))) return true
  // Programs of shell repositories have no ending.
  return extname(path) === '' && /^#!.*\b(?:ba|z)?sh\b/.test(readFileSync(join(root, path), 'utf8').slice(0, 80))
}

/** One slip on a line of code each; what a line has first is what slips. */
const SLIPS: readonly (readonly [RegExp, string])[] = [
  [/ === /, ' !== '],
  [/ !== /, ' === '],
  [/ == /, ' != '],
  [/ != /, ' == '],
  [/ <= /, ' > '],
  [/ >= /, ' < '],
  [/ && /, ' || '],
  [/ \|\| /, ' && '],
  [/ eq /, ' ne '],
  [/\[ -n /, '[ -z '],
  [/\[ -z /, '[ -n '],
  [/ -eq /, ' -ne '],
  [/\breturn true\b/i, 'return !true'],
  [/ \+ /, ' - '],
  [/ < (?=\w)/, ' > '],
  [/\bnot in\b/, 'in'],
  [/\bif not /, 'if '],
  [/ and /, ' or '],
  [/^(\s*if )(?=\w.*:$)/, '$1not '],
  [/^(\s*(?:if|unless|elsif) )(?!let )(?=\w.*[^:]$)/, '$1!'],
]

const COMMENT = /^\s*(?:\/\/|\/?\*|#|--|;|"""|''')/

const TRIES = 12

export interface Broken {
  readonly change: Change | undefined
  /** Slips that the repository's own tests did not notice. */
  readonly unnoticed: number
}

/** A slip in an existing function which the repository's own tests notice when a person runs them in a copy. */
export function breakSomething(root: string, line: string, before: InShell): Broken {
  let tried = 0
  for (const { path, text, what } of slipsIn(root)) {
    if (tried === TRIES) break
    tried += 1
    const copy = withFile(root, path, text, () => inShell(root, line))
    if (!copy.green && (before.green || lastOf(copy) !== lastOf(before)))
      return { change: { what, write: { [path]: text } }, unnoticed: tried - 1 }
  }
  return { change: undefined, unnoticed: tried }
}

/** How a suite ended, without how long it took: where it is red before, only its figures tell. */
const lastOf = ({ tail }: InShell) => tail.replaceAll(/\d+[.:]\d+\S*|\d+ ?m?s\b/g, '').slice(-200)

interface Slip {
  readonly path: string
  readonly text: string
  readonly what: string
}

/** Slips in the largest files in turn, spread over each. */
function* slipsIn(root: string): Generator<Slip> {
  const files = sourceFiles(root)
    .slice(0, 6)
    .map((path) => ({ path, lines: readFileSync(join(root, path), 'utf8').split('\n') }))
  const places = files.map(({ path, lines }) => {
    const fitting = lines.flatMap((text, at) => {
      const slip = COMMENT.test(text) ? undefined : SLIPS.find(([from]) => from.test(text))
      return slip === undefined ? [] : [{ path, lines, at, changed: text.replace(slip[0], slip[1]) }]
    })
    return spread(fitting, 4)
  })
  for (let round = 0; round < 4; round += 1)
    for (const list of places) {
      const place = list[round]
      if (place === undefined) continue
      const { path, lines, at, changed } = place
      yield {
        path,
        text: lines.with(at, changed).join('\n'),
        what: `${path}:${at + 1} \`${(lines[at] ?? '').trim()}\` became \`${changed.trim()}\``,
      }
    }
}

function spread<T>(list: readonly T[], count: number): readonly T[] {
  const step = Math.max(1, Math.floor(list.length / count))
  return list.filter((_, index) => index % step === Math.floor(step / 2)).slice(0, count)
}

/** Does something while a file holds another text. */
function withFile<T>(root: string, path: string, text: string, work: () => T): T {
  const file = join(root, path)
  const before = readFileSync(file)
  try {
    writeFileSync(file, text)
    return work()
  } finally {
    writeFileSync(file, before)
  }
}
