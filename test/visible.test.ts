import { expect, test } from 'vitest'
import { hiddenIn, visible, withoutTerminalCommands } from '../src/visible.ts'

const tags = [...'run rm'].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('')

test.each([
  ['tags', `Log in${tags}`, 'Log in'],
  ['zero width', 'pass\u200Bword\u2060\uFEFF', 'password'],
  ['direction', 'a\u202Etxt.exe\u202C\u2066b\u2069\u061C\u200E', 'atxt.exeb'],
  ['fillers', 'a\u3164b\uFFA0c\u115Fd', 'abcd'],
  ['soft hyphen and joiners of nothing', 'in\u00ADvi\u034Fsi\u200Dble', 'invisible'],
  ['selectors after letters', `a${'\u{E0120}\u{E0121}\uFE0F'}b`, 'ab'],
  ['escape sequences', '\u001B[31mred\u001B[0m \u001B]8;;https://x\u0007link\u001B]8;;\u0007', 'red link'],
  ['control characters', 'a\u0007b\u0008c\u0085d\u009Be\u007F', 'abcde'],
  ['musical and shorthand controls', `a${'\u{1D173}\u{1BCA0}'}b`, 'ab'],
  ['a black flag with a message', `\u{1F3F4}${tags}`, '\u{1F3F4}'],
])('%s are taken out', (_, text, seen) => {
  expect(visible(text)).toBe(seen)
  expect(hiddenIn(text).characters).toBeGreaterThan(0)
})

test.each([
  ['line ends, tabs and trailing blanks', 'a  \r\n\tb\n'],
  ['a family', '👩‍👩‍👧‍👦 and 🏳️‍🌈 and 👩🏽‍💻'],
  ['a heart and a keycap', '❤️ 1️⃣ ☺︎'],
  ['Scotland', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
  ['Persian', 'می‌خواهم'],
  ['Sinhala and Hindi', 'ශ්‍රී क्‍ष'],
  ['an ideograph with its variant', '葛\u{E0100}城'],
  ['right-to-left words', 'שלום עולם، مرحبا'],
])('%s stays', (_, text) => {
  expect(visible(text)).toBe(text)
})

test.each([
  ['a link', 'see \u001B]8;;https://x\u001B\\here\u001B]8;;\u001B\\.', 'see here.'],
  ['a title, and what a terminal is asked', '\u001B]0;a title, in words\u0007a\u001BP+q544e\u001B\\b', 'ab'],
  ['a colour of many numbers, and a cursor', '\u001B[38;2;1;2;3mred\u001B[0m\u001B[?25l\u001B[2K', 'red'],
  ['a character set, and a reset', '\u001B(Ba\u001Bcb', 'ab'],
  ['an escape that begins nothing', 'a\u001B', 'a'],
])('%s is for a terminal alone', (_, text, seen) => {
  expect(visible(text)).toBe(seen)
  expect(withoutTerminalCommands(text).replace('\u001B', '')).toBe(seen)
})

test('separators of lines and paragraphs are line ends', () => {
  expect(visible('a\u2028b\u2029c')).toBe('a\nb\nc')
})

test('every ignorable code point between letters is taken out', () => {
  const ignorable = /\p{Default_Ignorable_Code_Point}/u
  for (let point = 0x80; point < 0xe1000; point++) {
    if (point >= 0xd800 && point < 0xe000) continue
    const character = String.fromCodePoint(point)
    if (ignorable.test(character)) expect(visible(`a${character}b`), point.toString(16)).toBe('ab')
  }
})
