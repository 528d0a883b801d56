import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { SpekiError } from '../../errors.ts'

/**
 * File systems on which SQLite's write-ahead log loses data, by the magic number that Linux gives. macOS and Windows
 * give no such number: there a network drive is not noticed.
 */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x01021997, '9p'],
  [0x65735546, 'FUSE'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
])

/** Makes the folder (0700) and the file (0600) where they are missing; refuses a network file system. */
export function prepareLocation(
  file: string,
  fileSystemOf: (folder: string) => number = (folder) => statfsSync(folder).type,
): void {
  const folder = dirname(file)
  try {
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
    const network = process.platform === 'linux' ? NETWORK_FILE_SYSTEMS.get(fileSystemOf(folder)) : undefined
    if (network !== undefined) {
      throw new SpekiError(
        'precondition_failed',
        `${folder} lies on a network file system (${network}); SQLite would lose data there.`,
        {
          hint: 'Choose a local folder with --db or SPEKI_HOME, or use PostgreSQL with SPEKI_DATABASE_URL.',
        },
      )
    }
    if (existsSync(file)) return
    closeSync(openSync(file, 'a', 0o600))
    chmodSync(file, 0o600)
  } catch (error) {
    if (error instanceof SpekiError) throw error
    throw new SpekiError(
      'precondition_failed',
      `The database cannot be created at ${file}: ${error instanceof Error ? error.message : String(error)}.`,
      {
        hint: 'Choose another place with --db or SPEKI_HOME.',
        cause: error,
      },
    )
  }
}
