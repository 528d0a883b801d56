import { isPlaceholder, looksRandom } from './secret-value.ts'
import { REDACTED } from './token-rules.ts'

/** `Authorization: Bearer x`, also without the name of the header. Each pattern: what stands before, and the secret. */
const SCHEME =
  /\b((?:Bearer|Basic|ApiKey|Negotiate|Token|GenieKey|SSWS|Splunk|DeepL-Auth-Key)(?: {1,2}|%20|\\u0020))([A-Za-z0-9._~+/|:-]{8,}={0,2})/gi
const AUTHORIZATION =
  /\b(authorization\\?["']?\s{0,2}[:=]\s{0,2}\\?["']?)(?!Bearer|Basic|Token)((?:[A-Za-z0-9-]{2,20} )?[A-Za-z0-9._~+/|=:-]{8,}(?:,? ?[A-Za-z]+="?[^\s",]{1,400}"?){0,12})/gi
const COOKIE = /\b(cookie\d?\\?["']?\s{0,2}[:=,]\s{0,2}\\?["']?)([\w.$%-]{1,80}=[^\r\n"'\\]{3,8000})/gi
/** Attributes of a cookie, which are no values of it. */
const ATTRIBUTE = /^\s*(?:path|domain|expires|max-age|samesite|version|priority)\b/i
/** Programs whose short flags carry passwords, and the flags. */
const FLAGS: readonly (readonly [program: RegExp, flag: RegExp])[] = [
  [
    /\b(?:curl|wget|https?|xh)\b(?:[^\n\\]|\\\r?\n|\\.)*/g,
    /(\s(?:-u|--user|-a|--auth|--proxy-user|-U)[ =]{0,2}\\?["']?[\w.@%+{}-]{0,80}["']?:\\?["']?)([^\s"'\\]{2,})/g,
  ],
  [/\bcurl\b[^\n]*/g, /(\s(?:-u|--user)[ =]{0,2}\\?["']?)(?=[^\s"':]*\d)([^\s"':]{16,})(?=:\\?["']?(?:\s|$))/g],
  [/\becho\b[^\n|]{0,300}\|[^\n]{0,200}--password-stdin/g, /(\becho (?:-n )?["']?)([^\s"'|]{3,})/g],
  [/\bhtpasswd\b[^\n]*/g, /(\s-[a-zA-Z]{0,6}b[a-zA-Z]{0,6} \S{1,200} \S{1,100} ["']?)([^\s"']{3,})/g],
  [/\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n]*/g, /(\s-p)([^\s"'-][^\s"']{2,})/g],
  [
    /\b(?:sshpass|(?:docker|podman|az|oc|skopeo|cf|buildah|registry) login)\b[^\n]*/g,
    /(\s-p[ =]?["']?)([^\s"'-][^\s"']{2,})/g,
  ],
  [/\b(?:redis-cli|snmp\w{1,8})\b[^\n]*/g, /(\s-[aA] ["']?)([^\s"'-][^\s"']{2,})/g],
  [/\b(?:ldap\w{1,10}|sqlcmd|bcp)\b[^\n]*/g, /(\s-[wP] ["']?)([^\s"'-][^\s"']{2,})/g],
  [/\b(?:smb\w{1,10}|rpcclient|net|winexe)\b[^\n]*/g, /(\s-U ?["']?[\w\\.-]{1,80}%)([^\s"']{3,})/g],
  [/\bnet use\b[^\n]*/gi, /(\s\/user:\S{1,100} )([^\s"'/]{3,})/gi],
  [/\b[xw]freerdp\w{0,4}\b[^\n]*/g, /(\s\/(?:p|gp|password):["']?)([^\s"']{3,})/g],
  [/assword:?\\?["'][^\n]{0,40}\bsend\b[^\n]*/g, /(\bsend\s(?:-- )?["'{])([^\s"'\\}]{3,})/g],
  [/\b(?:set|HTTP)?_?[bB]asic_?[aA]uth\b[^\n]*/g, /([( ]["'][^"'\s]{0,80}["'],\s{0,3}["'])([^"'\s]{3,})/g],
  [/\bjwt\.(?:sign|verify|encode|decode)\([^\n]*/g, /(,\s{0,3}["'])(?=[^"'\s\d]{0,80}\d)([^"'\s]{8,})/g],
  [/\b(?:openssl|keytool|pkcs12)\b[^\n]*/g, /(\bpass:)([^\s"']{2,})/g],
]
const DIGEST = /(\b(?:response|nonce|cnonce)=\\?"|\.bearer\.authorization\.k8s\.io\.)([\w+/=-]{16,})/g
const NETRC = /\b(login\s{1,4}\S{1,100}\s{1,8}(?:account\s{1,4}\S{1,100}\s{1,8})?password\s{1,4})(\S{3,})/g
const PGPASS = /^([\w.*-]{1,200}:(?:5432|5433|6432|\*):[\w*-]{1,100}:[\w*-]{1,100}:)(\S{3,})/gm
const WORKFLOW = /(::add-mask::|\bissecret=true\])([^\s"']{3,})/g

export function withoutHeaders(text: string): string {
  const cleaned = text
    .replace(SCHEME, (whole, before: string, value: string) => (isCredential(value) ? before + REDACTED : whole))
    .replace(AUTHORIZATION, (whole, before: string, value: string) =>
      /\d|[A-Z][^A-Z]*[A-Z]/.test(value) && !isPlaceholder(value) ? before + REDACTED : whole,
    )
    .replace(COOKIE, (_, before: string, pairs: string) => before + withoutCookies(pairs))
  const rest = [DIGEST, WORKFLOW, PGPASS, NETRC].reduce(withoutSecond, cleaned)
  return FLAGS.reduce((shown, [program, flag]) => shown.replace(program, (line) => withoutSecond(line, flag)), rest)
}

/** Blacks out the second group of each match. */
function withoutSecond(text: string, pattern: RegExp): string {
  return text.replace(pattern, (whole, before: string, value: string) =>
    isPlaceholder(value) || isTwice(before, value) ? whole : before + REDACTED,
  )
}

/** `test:test`, as programs come out of the box. */
function isTwice(before: string, value: string): boolean {
  return /^[A-Za-z]{1,20}$/.test(value) && new RegExp(`\\b${value}:$`).test(before)
}

function isCredential(value: string): boolean {
  if (isPlaceholder(value)) return false
  return value.length >= 16 ? /\d|[a-z][A-Z]/.test(value) : looksRandom(value) || /=$/.test(value) || /\d/.test(value)
}

function withoutCookies(pairs: string): string {
  return pairs
    .split(';')
    .map((pair) => {
      const equals = pair.indexOf('=')
      const value = pair.slice(equals + 1)
      if (equals === -1 || value.length < 6 || ATTRIBUTE.test(pair) || isPlaceholder(value)) return pair
      return `${pair.slice(0, equals + 1)}${REDACTED}`
    })
    .join(';')
}
