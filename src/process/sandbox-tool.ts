import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { childEnvironment } from '../config.ts'

/** What this system puts programs into a sandbox with. */
export interface SandboxTool {
  readonly kind: 'bwrap' | 'sandbox-exec'
  readonly file: string
}

/** Why there is none, and what mends that. */
export interface NoSandbox {
  readonly problem: string
}

const run = promisify(execFile)
const PROBE_MS = 10_000

const TOOLS: { readonly [Platform in NodeJS.Platform]?: SandboxTool & { readonly args: readonly string[] } } = {
  linux: {
    kind: 'bwrap',
    file: 'bwrap',
    args: ['--unshare-pid', '--unshare-ipc', '--die-with-parent', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', 'true'], // biome-ignore format: one call
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
  const { kind, file, args } = tool
  try {
    await run(file, [...args], { env: childEnvironment(), timeout: PROBE_MS })
    return { kind, file }
  } catch (error) {
    return { problem: whyNot(error, file) }
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
