import { expect, test } from 'vitest'
import { createBlackout } from '../../src/redaction/blackout.ts'

const value = `planted-${'Zk3vQ9pLx2Rt'}/Yb1+Nc5"Wd8`
const clean = createBlackout([value, 'production', '/usr/bin:/bin', 'en_US.UTF-8', '8080'])

test.each([
  ['as it is', value],
  ['in JSON', JSON.stringify({ text: value })],
  ['in JSON in JSON', JSON.stringify(JSON.stringify({ text: value }))],
  ['in an address', `https://x/?t=${encodeURIComponent(value)}`],
  ['in base64', Buffer.from(value).toString('base64')],
  ['in base64 behind a user', Buffer.from(`ann:${value}`).toString('base64')],
  ['in base64 behind two letters', Buffer.from(`ab${value}cd`).toString('base64')],
  ['in base64 of addresses', Buffer.from(`a${value}`).toString('base64url')],
  ['in hex', Buffer.from(value).toString('hex')],
  ['in halves', `${value.slice(0, 16)} and ${value.slice(16)}`],
  ['over lines', `${value.slice(0, 5)}\n    ${value.slice(5, 11)}\n${value.slice(11)}`],
  ['in HTML', value.replaceAll('"', '&quot;')],
])('a value that was handed on is blacked out %s', (_, text) => {
  const left = clean(`before ${text} after`)
  expect(left).toContain('[redacted]')
  for (const form of [value, Buffer.from(value).toString('base64').slice(4, 20), 'Zk3vQ9pL', 'b1+Nc5', '5a6b337651'])
    expect(left).not.toContain(form)
  expect(left).toMatch(/^before .* after$/s)
})

test('what means something in every text stays', () => {
  const text = 'in production, PATH=/usr/bin:/bin, LANG=en_US.UTF-8, port 8080, planted-trees'
  expect(clean(text)).toBe(text)
})

test('each line of a key of several lines is one', () => {
  const key = createBlackout(['-----BEGIN X-----\nAbCdEf0123456789AbCdEf\nGhIjKl0123456789GhIjKl\n-----END X-----'])
  expect(key('line: GhIjKl0123456789GhIjKl')).toBe('line: [redacted]')
})
