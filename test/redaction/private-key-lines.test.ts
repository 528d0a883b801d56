import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCleaner, openEvidence } from '../../src/agents/evidence.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { labelled } from './labelled.ts'

const rows = labelled('«{K6}»', 7).secrets

test.each([
  ['as it is', (line: string) => line],
  ['each in an object', (line: string) => JSON.stringify({ type: 'delta', text: `${line}\n` })],
])('a private key that comes line by line, %s, leaves no row in a raw stream', async (_, wrap) => {
  const file = join(await temporaryFolder(), 'stream.jsonl')
  const evidence = openEvidence(file, createCleaner({}))
  const lines = [
    '-----BEGIN RSA PRIVATE KEY-----',
    ...rows,
    '-----END RSA PRIVATE KEY-----',
    'abcdefghijklmnopqrstuvwxyz',
  ]
  for (const line of lines) evidence.add(wrap(line))
  await evidence.close()

  const kept = readFileSync(file, 'utf8')
  expect(rows.filter((row) => kept.includes(row.slice(0, 30)))).toEqual([])
  expect(kept).toContain('abcdefghijklmnopqrstuvwxyz')
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a value that was handed on by name is taken out in a URL, in base64 and cut off', async () => {
  const value = labelled('{A20}!x/{A8}', 3).text
  const clean = createCleaner({ ANY_NAME: value })
  const ways = [
    value,
    encodeURIComponent(value),
    Buffer.from(value).toString('base64'),
    value.slice(0, 14),
    value.slice(5),
  ]
  expect(ways.filter((way) => clean(`it printed ${way} here`).includes(way))).toEqual([])
})
