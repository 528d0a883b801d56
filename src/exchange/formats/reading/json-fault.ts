const LITERAL = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y

type Expected = 'value' | 'first value' | 'key' | 'first key' | 'colon' | 'more'

/**
 * Offset at which a text stops being JSON, its length where it only ends too early. The engine's own message names a
 * place for some faults only.
 */
export function jsonFault(text: string): number {
  const open: string[] = []
  let expected: Expected = 'value'
  let at = 0
  for (;;) {
    while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at++
    if (at >= text.length) return text.length
    const character = text.charAt(at)
    const key: boolean = expected === 'key' || expected === 'first key'
    if (expected === 'colon') {
      if (character !== ':') return at
      expected = 'value'
      at++
    } else if (expected === 'more') {
      const closing = open.at(-1)
      if (closing === undefined) return at
      if (character === closing) open.pop()
      else if (character === ',') expected = closing === '}' ? 'key' : 'value'
      else return at
      at++
    } else if ((expected === 'first key' && character === '}') || (expected === 'first value' && character === ']')) {
      open.pop()
      expected = 'more'
      at++
    } else if (character === '"') {
      const string = readString(text, at)
      if (!string.closed) return string.end
      expected = key ? 'colon' : 'more'
      at = string.end
    } else if (key) {
      return at
    } else if (character === '{' || character === '[') {
      open.push(character === '{' ? '}' : ']')
      expected = character === '{' ? 'first key' : 'first value'
      at++
    } else {
      LITERAL.lastIndex = at
      if (!LITERAL.test(text)) return at
      expected = 'more'
      at = LITERAL.lastIndex
    }
  }
}

/** Where a string ends: behind its closing quote, or at the first character that no string may have. */
function readString(text: string, start: number): { readonly end: number; readonly closed: boolean } {
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '"') return { end: at + 1, closed: true }
    if (character < ' ') return { end: at, closed: false }
    if (character !== '\\') continue
    ESCAPE.lastIndex = at
    if (!ESCAPE.test(text)) return { end: at, closed: false }
    at = ESCAPE.lastIndex - 1
  }
  return { end: text.length, closed: false }
}
