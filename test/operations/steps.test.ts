import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { operations } from '../../src/operations/index.ts'

const ROOT = resolve(import.meta.dirname, '../..')

interface Named {
  readonly where: string
  readonly operation: string
  readonly arguments: readonly string[]
}

/** Every `step('name', { … })` that a text of the sources writes out. */
function stepsIn(path: string, text: string): Named[] {
  return [...text.matchAll(/\bstep\(/g)].flatMap(({ index }) => {
    const call = balanced(text.slice(index + 'step'.length))
    const where = `${path}:${text.slice(0, index).split('\n').length}`
    const [first = '', args = ''] = splitFirst(call)
    const keys = [...args.replaceAll(/'[^'\n]*'|`[^`\n]*`/g, '""').matchAll(/[{,]\s*([a-z_]+)\s*(?=[:,}])/g)]
    const names = [...first.matchAll(/'([a-z_]+)'/g)]
    return names.map(([, operation = '']) => ({ where, operation, arguments: keys.map(([, key = '']) => key) }))
  })
}

/** What stands between the parenthesis a text begins with and the one that closes it. */
function balanced(text: string): string {
  let depth = 0
  for (let index = 0; index < text.length; index += 1) {
    if ('([{'.includes(text[index] ?? '')) depth += 1
    if (')]}'.includes(text[index] ?? '')) depth -= 1
    if (depth === 0) return text.slice(1, index)
  }
  return ''
}

function splitFirst(call: string): [string, string] {
  const comma = call.indexOf(',')
  return comma === -1 ? [call, ''] : [call.slice(0, comma), call.slice(comma + 1)]
}

/** What is wrong with a step: an operation that is not there, or an argument that it does not have. */
function wrongIn({ where, operation, arguments: names }: Named): string[] {
  const known = operations.find((entry) => entry.name === operation)
  if (known === undefined) return [`${where}: there is no ${operation}`]
  return names.filter((name) => !(name in known.input.shape)).map((name) => `${where}: ${operation} has no ${name}`)
}

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'src'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path.endsWith('.ts'))
const sources = files.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

test('every step names an operation that is there, with arguments that it has', () => {
  const steps = sources.flatMap(({ path, text }) => stepsIn(path, text))
  expect(steps.length).toBeGreaterThan(60)
  expect(steps.flatMap(wrongIn)).toEqual([])
})

describe('a planted step is found', () => {
  test.each([
    ["step('task_gone')", /no task_gone/],
    ["step('task_get', { id: 1 })", /task_get has no id/],
    ["step(ready ? 'task_claim' : 'task_fetch', { task })", /no task_fetch/],
    ["step('prd_update', { prd, ...(gone ? { removed: false } : { state }) })", /prd_update has no removed/],
  ])('%s', (text, message) => {
    expect(stepsIn('x.ts', text).flatMap(wrongIn).join()).toMatch(message)
  })
})

test('no operation shortens a text or a list but through the one way that tells it', () => {
  const own = sources.filter(
    ({ path }) => path.startsWith('src/operations/') && !/operations\/(text|failure)\.ts$/.test(path),
  )
  const cut = own.flatMap(({ path, text }) =>
    text
      .split('\n')
      .map((line, index) => ({ line, where: `${path}:${index + 1}` }))
      .filter(({ line }) => /\.(slice\((?:0|-)|substring\(|substr\()/.test(line))
      // Of a hash, a name's first word and steps there are not more to be read.
      .filter(({ line }) => !/hash\.slice|base\.slice|name\.slice|\.map\(\(child\) => step|\.slice\(0, 2\)/.test(line))
      .map(({ where, line }) => `${where}: ${line.trim()}`),
  )
  expect(cut).toEqual([])
})

test('no operation names a next step in a sentence of its own', () => {
  const own = sources.filter(({ path }) => path.startsWith('src/operations/'))
  const named = own.flatMap(({ path, text }) =>
    text
      .split('\n')
      .filter((line) => /next: \[?['"`](?:task|prd|plan|run|changeset|repository|knowledge|activity|speki)_/.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  )
  expect(named).toEqual([])
})
