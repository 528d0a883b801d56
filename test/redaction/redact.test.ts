import { expect, test } from 'vitest'
import { redact } from '../../src/redaction/redact.ts'

test.each([
  'speki_0a1b2c3d4e5f6a7b',
  `ghp_${'a1'.repeat(15)}`,
  `github_pat_${'a1'.repeat(15)}`,
  `npm_${'a1'.repeat(18)}`,
  `glpat-${'a1'.repeat(10)}`,
  'xoxb-1234567890-abcdef',
  `sk-ant-${'a1'.repeat(20)}`,
  'AKIAABCDEFGHIJKLMNOP',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
])('%s is no text to keep, wherever it stands', (secret) => {
  for (const around of [
    secret,
    `key: ${secret}.`,
    `"${secret}"`,
    `x=${secret}&y`,
    `Bearer ${secret}`,
    `TOKEN=${secret}`,
  ])
    expect(redact(around), around).not.toContain(secret)
})

test.each([
  'https://ann:hunter22@host/x',
  'password="hunter22"',
  'api_key: hunter22',
  'Authorization: Basic aHVudGVyMjI=',
])('what is named as a secret is one: %s', (text) => {
  expect(redact(text)).toContain('[redacted]')
  expect(redact(text)).not.toMatch(/hunter22|aHVudGVyMjI/)
})

test.each([
  'mcp__speki__task_claim was called',
  'src/disk-usage-by-folder-report.ts',
  'desk-reservation-service-for-offices',
  'speki_status and speki/task-5-2',
  'the token of the lease is asked for',
  'https://host/path@2',
])('what only looks like one stays: %s', (text) => {
  expect(redact(text)).toBe(text)
})

test('the token of a claim, which answers hand on, is no secret of anybody', () => {
  const step = 'task_validate task="TASK-3" lease_token="9f86d081884c7d659a2feaa0c55ad015"'
  expect(redact(`Mend what failed, then ${step}`)).toContain(step)
})
