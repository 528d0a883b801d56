import { isAbsolute, posix } from 'node:path'
import { SpekiError } from '../errors.ts'

/** `git@host:path`, the short form of ssh. */
const SCP_FORM = /^[A-Za-z0-9_][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9._-]*:(?!-)(?!\/\/)[A-Za-z0-9._~/-]+$/

/** A URL that git may be given: https, ssh, file, or an absolute path. Anything else could make it run a program. */
export function checkRemoteUrl(url: string): string {
  const refuse = (why: string): never => {
    throw new SpekiError('invalid_input', `The remote URL ${why}. Nothing was changed.`, {
      hint: 'Use https://host/path.git, ssh://git@host/path.git, git@host:path.git or an absolute path.',
    })
  }
  if (url.startsWith('-')) return refuse('begins with a dash')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f\s]/.test(url)) return refuse('holds blanks or control characters')
  if (SCP_FORM.test(url) || (isAbsolute(url) && !url.includes('::'))) return url
  if (!URL.canParse(url)) return refuse('is no URL')
  const { protocol, username, password, hostname, search } = new URL(url)
  if (hostname.startsWith('-') || username.startsWith('-'))
    return refuse('names a host or user that begins with a dash')
  if (search !== '') return refuse('has a query, which may hold a token')
  if (!['https:', 'ssh:', 'file:'].includes(protocol)) return refuse(`uses ${protocol}, which is not allowed`)
  if (password !== '' || (protocol === 'https:' && username !== ''))
    return refuse('holds credentials; keep those in a credential helper')
  return url
}

/** What a repository's own configuration says, without user and password. */
export function withoutCredentials(url: string | undefined): string | undefined {
  if (url === undefined || url === '') return undefined
  if (!URL.canParse(url)) return url
  const parsed = new URL(url)
  if (parsed.protocol === 'ssh:') parsed.password = ''
  else if (parsed.username !== '' || parsed.password !== '') {
    parsed.username = ''
    parsed.password = ''
  } else return url
  return parsed.href
}

/**
 * Where a URL of git leads, in one spelling: `host/path` or an absolute path. Relative ones, as in .gitmodules, begin at
 * `base`.
 */
export function remotePlace(url: string, base?: string): string {
  if (/^\.\.?\//.test(url) && base !== undefined) {
    const place = remotePlace(base)
    return posix
      .join(place, url)
      .replace(/\/$/, '')
      .replace(/\.git$/, '')
  }
  const scp = /^(?:[^@/\s]+@)?([\w.-]{2,}):(?!\/\/)(.+)$/.exec(url)
  const parsed = URL.canParse(url) && /^[a-z+]+:\/\//i.test(url) ? new URL(url) : undefined
  const [host, path] =
    parsed === undefined
      ? scp === null
        ? ['', url]
        : [scp[1] ?? '', `/${scp[2]}`]
      : [parsed.hostname, parsed.pathname]
  const raw = host.toLowerCase() === 'raw.githubusercontent.com' ? 'github.com' : host.toLowerCase()
  return `${raw}${posix.normalize(path)}`.replace(/\/$/, '').replace(/\.git$/, '')
}
