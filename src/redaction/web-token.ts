import { REDACTED } from './token-rules.ts'

/** Words joined by dots; looked through as a whole, since a token can begin at each `eyJ` of a long one. */
const DOTTED = /(?<![\w-])[\w-]+(?:\.[\w-]*){2,}/g

/** A JSON web token: `eyJ` and at least ten more signs, as many in its second part, five in its third. */
export function withoutWebTokens(text: string): string {
  return text.includes('eyJ') ? text.replace(DOTTED, withoutWebToken) : text
}

function withoutWebToken(words: string): string {
  const parts = words.split('.')
  const kept: string[] = []
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] ?? ''
    const start = part.search(/eyJ[\w-]{10}/)
    const second = parts[at + 1] ?? ''
    const isEncrypted = (parts[at + 3]?.length ?? 0) >= 10 && (parts[at + 4]?.length ?? 0) >= 10
    // Of an unsigned one the third part is empty, of an encrypted one the second may be.
    const isToken = start !== -1 && at + 2 < parts.length && (second.length >= 10 || (second === '' && isEncrypted))
    kept.push(isToken ? `${part.slice(0, start)}${REDACTED}` : part)
    if (isToken) at += isEncrypted ? 4 : 2
  }
  return kept.join('.')
}
