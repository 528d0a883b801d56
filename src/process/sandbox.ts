import { mkdirSync, mkdtempSync, realpathSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, sep } from 'node:path'
import { ifUnreadable } from '../expected.ts'
import { type SandboxTool, withPowers } from './sandbox-tool.ts'

/**
 * What a program may touch of this machine: everything is there to be read but for what is hidden, nothing is there to be
 * written but what is named. Of two that name a place the deeper one counts. Paths are absolute; what is not there is left out.
 */
export interface Sandbox {
  readonly tool: SandboxTool
  /** Folders that are empty and private inside, where what is written is gone with the program; files that cannot be opened. */
  readonly hidden: readonly string[]
  /** Shown again of what is hidden. */
  readonly readable: readonly string[]
  readonly writable: readonly string[]
  readonly network: boolean
}

/** One place, where links lead. */
export interface Mount {
  readonly how: 'hide' | 'read' | 'write'
  /** What is shown. */
  readonly source: string
  /** Where. */
  readonly path: string
  readonly folder: boolean
}

/** How a program is started so that it stays inside. */
export interface Inside {
  readonly file: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Holds what is written to hidden folders; to be removed at the end. */
  readonly scratch: string
  /** Whether it tells on its fourth stream that the program began, and how it ended. */
  readonly tellsStart: boolean
}

/** Names a program in a sandbox as one outside, and makes the folder for what it writes in passing. */
export function putInside(
  sandbox: Sandbox,
  command: { readonly file: string; readonly args: readonly string[]; readonly folder: string },
): Inside {
  const mounts = mountsOf(sandbox)
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), SCRATCH)))
  const place = { network: sandbox.network, folder: command.folder, scratch }
  const run = [command.file, ...command.args]
  if (sandbox.tool.kind === 'sandbox-exec') {
    const args = ['-p', seatbeltProfile(mounts, place), ...run]
    return { file: sandbox.tool.file, args, environment: temporary(scratch), scratch, tellsStart: false }
  }
  for (const [index, { how, folder }] of mounts.entries())
    if (how === 'hide' && folder) mkdirSync(privateOf(scratch, index))
  const args = [...bubblewrapArguments(mounts, { ...place, root: process.getuid?.() === 0 }), '--', ...run]
  return { file: sandbox.tool.file, args, environment: temporary('/tmp'), scratch, tellsStart: true }
}

const SCRATCH = 'speki-inside-'

function temporary(folder: string): Readonly<Record<string, string>> {
  return { TMPDIR: folder, TEMP: folder, TMP: folder }
}

/** Where everybody writes: everybody has an own one inside. */
const SHARED = ['/tmp', '/var/tmp']

/** Every place that is there, those above before those below. Read-only is all that is not named, so what is shown counts only below others. */
export function mountsOf({ hidden, readable, writable }: Sandbox): readonly Mount[] {
  const found = new Map<string, Mount>()
  const add = (how: Mount['how'], paths: readonly string[]) => {
    for (const mount of paths.flatMap((path) => locate(how, path))) found.set(mount.path, mount)
  }
  add('hide', [...SHARED, tmpdir(), ...hidden])
  add('read', readable)
  add('write', writable)
  const named = [...found.values()]
  const written = named.filter(({ how }) => how === 'write')
  // A link that was put where others write leads nowhere.
  const honest = named.filter(
    ({ source, path }) => !written.some((other) => isBelow(path, other.path) && !isBelow(source, other.source)),
  )
  const all = honest.toSorted((one, other) => one.path.length - other.path.length)
  return all.filter(
    ({ how, path }) => how !== 'read' || all.some((other) => other.how !== 'read' && isBelow(path, other.path)),
  )
}

/** Where a path really leads, and the path itself where it is a link. */
function locate(how: Mount['how'], path: string): readonly Mount[] {
  const source = realOf(path)
  const above = realOf(dirname(path))
  if (source === undefined || source === sep || above === undefined) return []
  const folder = statSync(source).isDirectory()
  const named = join(above, basename(path))
  return [{ how, source, path: source, folder }, ...(named === source ? [] : [{ how, source, path: named, folder }])]
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch (error) {
    return ifUnreadable(undefined)(error)
  }
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder + sep)
}

interface Place {
  readonly network: boolean
  /** Working folder. */
  readonly folder: string
  readonly scratch: string
}

function privateOf(scratch: string, index: number): string {
  return join(scratch, String(index))
}

/** Arguments of `bwrap`, up to the program. The process namespace dies with it, so nothing that was started inside outlives it. */
export function bubblewrapArguments(
  mounts: readonly Mount[],
  { network, folder, scratch, root }: Place & { readonly root: boolean },
): readonly string[] {
  return [
    ...['--unshare-pid', '--unshare-ipc', '--die-with-parent'],
    ...withPowers(root),
    ...(network ? [] : ['--unshare-net']),
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
    ...mounts.flatMap(({ how, source, path, folder: isFolder }, index) => {
      if (how === 'hide')
        return isFolder ? ['--bind', privateOf(scratch, index), path] : ['--ro-bind', '/dev/null', path]
      return [how === 'read' ? '--ro-bind' : '--bind', source, path]
    }),
    ...['--chdir', folder, '--json-status-fd', '3'],
  ]
}

/** Profile of `sandbox-exec`, in which the last rule that fits counts. What is hidden cannot be read there, and not be written either. */
export function seatbeltProfile(mounts: readonly Mount[], { network, scratch }: Place): string {
  const rule = ({ how, path, folder }: Mount): readonly string[] => {
    const place = `(${folder ? 'subpath' : 'literal'} ${JSON.stringify(path)})`
    if (how === 'hide') return [`(deny file-read-data file-write* ${place})`]
    return [`(allow file-read* ${place})`, `(${how === 'read' ? 'deny' : 'allow'} file-write* ${place})`]
  }
  return [
    '(version 1)',
    '(allow default)',
    '(deny file-write*)',
    '(allow file-write* (subpath "/dev"))',
    ...mounts.flatMap(rule),
    `(allow file-read* file-write* (subpath ${JSON.stringify(scratch)}))`,
    // What is started outside on request would not be inside.
    '(deny appleevent-send)',
    '(deny job-creation)',
    ...(network
      ? []
      : ['(deny network*)', '(allow network* (local ip "localhost:*"))', '(allow network* (remote ip "localhost:*"))']),
  ].join('\n')
}
