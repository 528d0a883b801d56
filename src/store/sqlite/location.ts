import { chmodSync, closeSync, existsSync, openSync, readFileSync, realpathSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { SpekiError } from '../../errors.ts'
import { makeFolder } from '../../make-folder.ts'

/**
 * File systems on which SQLite's write-ahead log loses data, by the magic number that Linux gives. macOS and Windows
 * give no such number: there a network drive is not noticed. This is the only place where the system matters.
 */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x01021997, '9p'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0x564c, 'NCP'],
  [0x73757245, 'Coda'],
  [0x786f4256, 'VirtualBox share'],
  [0xbacbacbc, 'VMware share'],
])

/** One number for all that runs in a process of its own: remote ones such as sshfs, and a few local ones. */
const FUSE = 0x65735546
const LOCAL_FUSE: ReadonlySet<string> = new Set(['fuseblk', 'fuse.fuse-overlayfs', 'fuse.gocryptfs', 'fuse.encfs'])

/** What the system says about the place of a path: the number of its file system, and the name where it was asked for. */
export interface FileSystemProbe {
  magic(path: string): number
  name(path: string): string
}

const systemProbe: FileSystemProbe = { magic: (path) => statfsSync(path).type, name: mountedAs }

/** Makes the folder (0700) and the file (0600) where they are missing; refuses a network file system. */
export function prepareLocation(file: string, probe: FileSystemProbe = systemProbe): void {
  try {
    prepareFolder(file, probe)
    if (existsSync(file)) return
    closeSync(openSync(file, 'a', 0o600))
    chmodSync(file, 0o600)
  } catch (error) {
    throw explain(error, file)
  }
}

/** The same without the file. A symbolic link counts as where it leads. */
export function prepareFolder(file: string, probe: FileSystemProbe = systemProbe): void {
  const folder = dirname(file)
  try {
    makeFolder(folder, 0o700)
    const network = process.platform === 'linux' ? networkOf(existsSync(file) ? file : folder, probe) : undefined
    if (network !== undefined) {
      throw new SpekiError(
        'precondition_failed',
        `${file} lies on a network file system (${network}); SQLite would lose data there.`,
        { hint: 'Choose a local folder with --db or SPEKI_HOME, or use PostgreSQL with SPEKI_DATABASE_URL.' },
      )
    }
  } catch (error) {
    throw explain(error, file)
  }
}

function networkOf(path: string, probe: FileSystemProbe): string | undefined {
  const magic = probe.magic(path)
  if (magic !== FUSE) return NETWORK_FILE_SYSTEMS.get(magic)
  const name = probe.name(path)
  return LOCAL_FUSE.has(name) ? undefined : name
}

/** The type of the mount with the longest path above this one, from the fields of proc(5) mountinfo. */
function mountedAs(path: string): string {
  const place = realpathSync(path)
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => {
      const fields = line.split(' ')
      const point = (fields[4] ?? '').replaceAll(/\\([0-7]{3})/g, (_, code) =>
        String.fromCharCode(Number.parseInt(code, 8)),
      )
      return { point, type: fields[fields.indexOf('-') + 1] ?? '' }
    })
    .filter(({ point }) => point === '/' || place === point || (point !== '' && place.startsWith(`${point}/`)))
  // Of two mounts on one point the later one is seen.
  return mounts.reduce((deepest, mount) => (mount.point.length >= deepest.point.length ? mount : deepest), {
    point: '',
    type: 'FUSE',
  }).type
}

function explain(error: unknown, file: string): SpekiError {
  if (error instanceof SpekiError) return error
  return new SpekiError(
    'precondition_failed',
    `The database cannot be created at ${file}: ${error instanceof Error ? error.message : String(error)}.`,
    { hint: 'Choose another place with --db or SPEKI_HOME.', cause: error },
  )
}
