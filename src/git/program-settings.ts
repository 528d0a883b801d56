/** Settings by which git starts a program while it reads, writes, compares or merges files, or talks to a remote. */
const PROGRAM =
  /^(?:filter\..*\.(?:clean|smudge|process)|diff\..*\.(?:command|textconv)|diff\.external|merge\..*\.driver|lfs\.extension\..*\.(?:clean|smudge)|lfs\.customtransfer\..*\.path|core\.(?:sshcommand|gitproxy)|credential\.(?:.*\.)?helper|remote\..*\.(?:uploadpack|receivepack))$/i

/** What `git lfs install` writes: it starts git-lfs from the PATH and nothing else. */
const LFS = new Set([
  'filter.lfs.clean=git-lfs clean -- %f',
  'filter.lfs.smudge=git-lfs smudge -- %f',
  'filter.lfs.smudge=git-lfs smudge --skip -- %f',
  'filter.lfs.process=git-lfs filter-process',
  'filter.lfs.process=git-lfs filter-process --skip',
])

interface Setting {
  readonly key: string
  readonly value: string
}

/** Settings that name programs, of what `git config --list -z` prints. */
function programSettings(listed: string): readonly Setting[] {
  return listed.split('\0').flatMap((entry) => {
    const end = entry.indexOf('\n')
    const key = end === -1 ? entry : entry.slice(0, end)
    return PROGRAM.test(key) ? [{ key, value: end === -1 ? '' : entry.slice(end + 1) }] : []
  })
}

const nameOf = ({ key, value }: Setting) => `${key}=${value}`

/** The programs that a repository may start later because they are set now. */
export function programsNow(listed: string): readonly string[] {
  return programSettings(listed).map(nameOf)
}

/** Settings that take back, for one call, every program that was not there before. */
export function withoutNewPrograms(
  listed: string,
  before: ReadonlySet<string>,
): readonly (readonly [string, string])[] {
  const added = programSettings(listed).filter((setting) => !before.has(nameOf(setting)) && !LFS.has(nameOf(setting)))
  const keys = new Set(added.map(({ key }) => key))
  return [...keys].flatMap((key) => {
    const were = [...before].flatMap((entry) => (entry.startsWith(`${key}=`) ? [entry.slice(key.length + 1)] : []))
    return neutral(key, were)
      .map((value) => [key, value] as const)
      .concat(optional(key))
  })
}

/** Settings that take back, for one call, every program there is, those of git-lfs too: for whoever only looks. */
export function withoutPrograms(listed: string): readonly (readonly [string, string])[] {
  const keys = new Set(programSettings(listed).map(({ key }) => key))
  return [...keys].flatMap((key) => [...neutral(key, []).map((value) => [key, value] as const), ...optional(key)])
}

/** Commands that name the other side's program themselves, by option and setting. */
const OTHER_SIDE: Readonly<Record<string, readonly [string, string]>> = {
  'ls-remote': ['--upload-pack', 'remote.origin.uploadpack'],
  fetch: ['--upload-pack', 'remote.origin.uploadpack'],
  push: ['--receive-pack', 'remote.origin.receivepack'],
}

/** The same settings as options: of two programs for the other side git takes the first, which an environment never is. */
export function settingsOptions(command: string, settings: readonly (readonly [string, string])[]): readonly string[] {
  const [option, setting] = OTHER_SIDE[command] ?? []
  return settings.flatMap(([key, value]) => (key === setting ? [`${option}=${value}`] : []))
}

/** Settings as the environment of one call of git. */
export function settingsEnvironment(settings: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(settings.length)],
    ...settings.flatMap(([key, value], at) => [
      [`GIT_CONFIG_KEY_${at}`, key],
      [`GIT_CONFIG_VALUE_${at}`, value],
    ]),
  ])
}

/** What stood there before, or what starts nothing of a repository's; the last counts, of helpers all after an empty one. */
function neutral(key: string, were: readonly string[]): readonly string[] {
  if (key.startsWith('credential.')) return ['', ...were]
  if (were.length > 0) return were.slice(-1)
  // What git does without the setting, where an empty one is an error.
  if (key.startsWith('merge.')) return ['git merge-file --marker-size=%L %A %O %B']
  if (key === 'core.sshcommand') return ['ssh']
  if (key.endsWith('.uploadpack')) return ['git-upload-pack']
  return key.endsWith('.receivepack') ? ['git-receive-pack'] : ['']
}

/** A filter that is switched off is not missed. */
function optional(key: string): readonly (readonly [string, string])[] {
  return key.startsWith('filter.') ? [[`${key.slice(0, key.lastIndexOf('.'))}.required`, 'false']] : []
}
