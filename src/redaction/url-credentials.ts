import { isPlaceholder, looksRandom } from './secret-value.ts'
import { REDACTED } from './token-rules.ts'

/** After the scheme, as written, JSON-escaped or in a query. */
const AFTER_SCHEME = /(?<=:\/\/|:\\\/\\\/|:%2F%2F)[^\s"'`<>]{3,}/gi

/** Whoever has the address has what it signs. */
const SIGNED = /([?&;](?:sig|code|X-(?:Amz|Goog)-Signature|Signature)=)[A-Za-z0-9%_/+.~-]{20,}={0,2}/g

/** `scheme://user:password@host`: the password; and a user that is a token. */
export function withoutUrlCredentials(text: string): string {
  const signed = text.replace(SIGNED, `$1${REDACTED}`)
  if (!signed.includes('@') && !signed.includes('%40')) return signed
  return signed.replace(AFTER_SCHEME, (rest) =>
    rest
      .split(/(:\/\/)/)
      .map(withoutUserinfo)
      .join(''),
  )
}

function withoutUserinfo(rest: string): string {
  const at = endOfUserinfo(rest)
  if (at < 1) return rest
  const userinfo = rest.slice(0, at)
  const colon = userinfo.search(/:|%3A/i)
  const user = colon === -1 ? userinfo : userinfo.slice(0, colon)
  const mark = colon === -1 ? '' : userinfo[colon] === ':' ? ':' : userinfo.slice(colon, colon + 3)
  const password = userinfo.slice(colon + mark.length)
  const shown = isPlaceholder(user) || !isToken(user) ? user : REDACTED
  if (colon === -1) return shown + rest.slice(at)
  // The same twice is how programs come out of the box.
  const known = password === '' || password === user || isPlaceholder(password) || /^[$%{[]/.test(password)
  return `${shown}${mark}${known ? password : REDACTED}${rest.slice(at)}`
}

/** The last `@` before the path; in a password `/`, `?` and `#` stand too, where what follows the colon is no port. */
function endOfUserinfo(rest: string): number {
  const path = rest.search(/[/?#\\]/)
  const authority = path === -1 ? rest : rest.slice(0, path)
  const at = authority.lastIndexOf('@')
  if (at !== -1) return at
  const encoded = authority.search(/%40/)
  if (encoded !== -1 && /:|%3A/i.test(authority.slice(0, encoded))) return encoded
  return path !== -1 && /^[^:[\]]*:(?!\d{1,5}$)./.test(authority) ? rest.slice(0, 400).lastIndexOf('@') : -1
}

function isToken(user: string): boolean {
  return user.length >= 16 && looksRandom(user)
}
