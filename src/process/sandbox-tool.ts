import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { childEnvironment } from '../config.ts'

/** What this system puts programs into a sandbox with. */
export interface SandboxTool {
  readonly kind: 'bwrap' | 'sandbox-exec'
  readonly file: string
  /** Whether a program inside can put its own commands into a sandbox again, as Codex does. */
  readonly nests: boolean
}

/** Why there is none, and what mends that. */
export interface NoSandbox {
  readonly problem: string
}

/**
 * What root keeps of its powers: to install and to build, not to mount, to trace or to make devices. Without SETFCAP no client could
 * put its own commands into a sandbox inside of this one.
 */
const ROOT_MAY = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP', 'SETFCAP', 'NET_BIND_SERVICE'] // biome-ignore format: a list

/** Arguments of `bwrap` for the powers of this user inside. */
export function withPowers(root = process.getuid?.() === 0): readonly string[] {
  return root ? ['--cap-drop', 'ALL', ...ROOT_MAY.flatMap((name) => ['--cap-add', `CAP_${name}`])] : []
}

const run = promisify(execFile)
const PROBE_MS = 10_000

const AROUND = ['--unshare-pid', '--unshare-ipc', '--die-with-parent', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'] // biome-ignore format: one call

interface Trial extends Pick<SandboxTool, 'kind' | 'file'> {
  readonly args: readonly string[]
  /** The same, inside of it once more; undefined where the system lets nobody. */
  readonly again?: readonly string[]
}

const TOOLS: { readonly [Platform in NodeJS.Platform]?: Trial } = {
  linux: {
    kind: 'bwrap',
    file: 'bwrap',
    args: [...AROUND, ...withPowers(), 'true'],
    // Without /proc of its own, which root cannot make there and Codex does without.
    again: [...AROUND, ...withPowers(), 'bwrap', '--unshare-user', '--unshare-pid', '--unshare-net', '--ro-bind', '/', '/', '--dev', '/dev', 'true'], // biome-ignore format: one call
  },
  darwin: {
    kind: 'sandbox-exec',
    file: '/usr/bin/sandbox-exec',
    args: ['-p', '(version 1)(allow default)', '/usr/bin/true'],
  },
}

let found: Promise<SandboxTool | NoSandbox> | undefined

/** Looks once in the life of this process, by running it around a program that does nothing. */
export function findSandboxTool(): Promise<SandboxTool | NoSandbox> {
  found ??= probe()
  return found
}

async function probe(): Promise<SandboxTool | NoSandbox> {
  const tool = TOOLS[process.platform]
  if (tool === undefined) return { problem: 'This system has none that SPEKI knows.' }
  const { kind, file, args, again } = tool
  const begin = (given: readonly string[]) => run(file, [...given], { env: childEnvironment(), timeout: PROBE_MS })
  try {
    await begin(args)
  } catch (error) {
    return { problem: whyNot(error, file) }
  }
  return { kind, file, nests: again !== undefined && (await begins(begin(again))) }
}

async function begins(trial: Promise<unknown>): Promise<boolean> {
  try {
    await trial
    return true
  } catch (error) {
    if (error instanceof Error) return false
    throw error
  }
}

function whyNot(error: unknown, file: string): string {
  if (!(error instanceof Error)) throw error
  if ('code' in error && error.code === 'ENOENT')
    return file === 'bwrap'
      ? 'bubblewrap is not installed: apt install bubblewrap (or dnf, pacman, apk).'
      : `${file} is not there.`
  const printed = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim().split('\n').at(-1) : ''
  return `${file} cannot be used here (${printed || error.message}): inside a container, allow it user namespaces; on Ubuntu, give bwrap an AppArmor profile with userns.`
}
