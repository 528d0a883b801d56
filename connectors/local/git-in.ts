import { execFile } from 'node:child_process'

const SETTINGS = [
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'user.name=Local code host',
  '-c',
  'user.email=host@localhost',
]

/** Runs git in a bare repository, without its hooks; the trimmed output, or undefined where git says no. */
export async function gitIn(folder: string, args: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  return await new Promise((resolve) => {
    execFile('git', [...SETTINGS, ...args], { cwd: folder, signal }, (error, stdout) =>
      resolve(error === null ? stdout.trim() : undefined),
    )
  })
}
