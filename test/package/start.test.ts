import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CLI, temporaryFolder } from '../mcp/connect.ts'
import { ask, HELLO } from './ask.ts'

/** Notes every file that Node loads, with its size. */
const NOTES = `import { registerHooks } from 'node:module'
import { appendFileSync, statSync } from 'node:fs'
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) appendFileSync(process.env.NOTES, statSync(new URL(url)).size + ' ' + url + '\\n')
    return next(url, context)
  },
})
`

test('a server begins to answer without the code of calls: what a client waits for is the SDK, zod and 200 KB of ours', async () => {
  const folder = await temporaryFolder()
  const [hook, notes] = [join(folder, 'hook.mjs'), join(folder, 'notes.txt')]
  writeFileSync(hook, NOTES)
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} }
  await ask(process.execPath, ['--import', hook, CLI, 'mcp', '--db', join(folder, 'speki.db')], [HELLO, list], {
    env: { ...process.env, NOTES: notes },
  })
  const sizes = readFileSync(notes, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Number.parseInt(line, 10))

  // Every file and every kilobyte is waited for: raise these only for what a start cannot do without.
  expect(sizes.length).toBeLessThanOrEqual(22)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(1_000_000)
})
