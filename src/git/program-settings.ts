/** Settings by which git starts a program while it reads, writes, compares or merges files here. */
const PROGRAM =
  /^(?:filter\..*\.(?:clean|smudge|process)|diff\..*\.(?:command|textconv)|diff\.external|merge\..*\.driver|lfs\.extension\..*\.(?:clean|smudge)|lfs\.customtransfer\..*\.path)$/i

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
  const settings = programSettings(listed)
  // The last value of a key counts.
  const last = new Map(settings.map((setting) => [setting.key, setting]))
  return [...last.values()]
    .filter((setting) => !before.has(nameOf(setting)) && !LFS.has(nameOf(setting)))
    .flatMap((setting) => neutral(setting, before))
}

/** The value that stood there before, or one that starts nothing of a repository's. */
function neutral({ key }: Setting, before: ReadonlySet<string>): readonly (readonly [string, string])[] {
  const was = [...before].find((entry) => entry.startsWith(`${key}=`))
  if (was !== undefined) return [[key, was.slice(key.length + 1)]]
  // An empty driver is an error; this is what git does without one.
  if (key.startsWith('merge.')) return [[key, 'git merge-file --marker-size=%L %A %O %B']]
  if (!key.startsWith('filter.')) return [[key, '']]
  return [
    [key, ''],
    [`${key.slice(0, key.lastIndexOf('.'))}.required`, 'false'],
  ]
}
