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

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'src', 'connectors'], {
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

/** Texts of a source that name an operation, outside of steps, comments and what defines or describes one. */
function namedIn(path: string, text: string): string[] {
  const code = text
    .replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, (comment) => comment.replaceAll(/[^\n]/g, ' '))
    .replaceAll(/\bstep\(\s*(?:[^'"`;{}]*\?)?\s*'[a-z_]+'(?:\s*:\s*'[a-z_]+')?/g, 'step(')
  const texts = [...code.matchAll(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g)]
  return texts
    .filter(([literal]) => OPERATION.test(literal) && !/^'[a-z_]+'$/.test(literal))
    .filter(({ index }) => !/(?:\bdescription:|\.describe\()\s*$/.test(code.slice(0, index)))
    .map(({ index, 0: literal }) => `${path}:${code.slice(0, index).split('\n').length}: ${literal}`)
}

const OPERATION = new RegExp(`\\b(?:${operations.map(({ name }) => name).join('|')})\\b`)

test('below the doors no sentence names an operation: each is a step, which the door words', () => {
  const below = sources.filter(({ path }) => !/^src\/(mcp|commands|setup|demo)\//.test(path))
  expect(below.flatMap(({ path, text }) => namedIn(path, text))).toEqual([])
})

describe('a planted name is found', () => {
  test.each([
    ["{ hint: 'Look with task_list.' }", 1],
    ['hint: `Look with task_get task="§{id}".`', 1],
    ["hint`Look with §{step('task_list')}.`", 0],
    ["hint`Look with §{step(ready ? 'task_claim' : 'task_list', { prd })} or prd_get.`", 1],
    ["next: ['prd_list now']", 1],
    ["// task_list\nconst a = 'b'", 0],
    ["description: 'Then plan_submit.'", 0],
  ])('%s', (text, times) => {
    expect(namedIn('x.ts', text.replaceAll('§', '$'))).toHaveLength(times)
  })
})
