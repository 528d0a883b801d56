import { tmpdir } from 'node:os'
import { GitNotStarted } from './failure.ts'
import { tryGit } from './git.ts'

/** The first that puts commits together without a checkout (`merge-tree --write-tree`) is 2.38. */
const MINOR = 38

/** What the git of this machine calls itself; undefined where there is none. */
export async function gitVersion(signal: AbortSignal): Promise<string | undefined> {
  return await tryGit(tmpdir(), ['--version'], signal).catch((error: unknown) => {
    if (error instanceof GitNotStarted) return undefined
    throw error
  })
}

/** Why runs cannot rest on the git of this machine, and what mends it; undefined where they can. */
export async function gitProblem(signal: AbortSignal): Promise<string | undefined> {
  const output = await gitVersion(signal)
  const [, major, minor] = /(\d+)\.(\d+)/.exec(output ?? '') ?? []
  if (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= MINOR)) return undefined
  return `${output ?? 'No git'} is here, and runs put work together with git 2.${MINOR} or newer: install that.`
}
