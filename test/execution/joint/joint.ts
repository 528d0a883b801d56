import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { childEnvironment } from '../../../src/config.ts'
import { closeSiblings, openSiblings } from '../../../src/execution/joint/siblings.ts'
import { temporaryFolder } from '../../mcp/connect.ts'
import { git } from '../../mcp/workspace.ts'
import { type Files, registered } from './registered.ts'

const signal = AbortSignal.timeout(600_000)

/** A joint workspace of real worktrees: the last repository is worked on, the others are what it builds on. */
export async function joint(
  repositories: Readonly<Record<string, Files>>,
  before: (folder: string) => void = () => {},
  subpath = '.',
) {
  const folder = await temporaryFolder()
  const all = await registered(folder, repositories, subpath)
  before(folder)
  const place = join(folder, 'joint')
  const members = all.map((repository) => ({ repository, commit: git(repository.root, 'rev-parse', 'main').trim() }))
  const overrides = await openSiblings(place, members.toReversed(), [], async () => undefined, signal)
  return {
    folder,
    place,
    said: overrides.notes,
    environment: overrides.environment,
    run: (name: string, file: string, ...args: string[]) =>
      execFileSync(file, args, {
        cwd: join(place, name),
        encoding: 'utf8',
        stdio: 'pipe',
        env: { ...childEnvironment(), ...overrides.environment },
      }),
    /** What git sees in the worktrees that was not committed. */
    seen: () =>
      all.map(({ name }) => git(join(place, name), 'status', '--porcelain', '--untracked-files=all')).join(''),
    async close() {
      await closeSiblings(place, all, signal)
      expect(all.map(({ root }) => git(root, 'worktree', 'list').trim().split('\n').length)).toEqual(all.map(() => 1))
      expect(existsSync(place)).toBe(false)
    },
  }
}

/** Whether a tool is on this machine. */
export const has = (file: string, ask = '--version') => spawnSync(file, [ask], { stdio: 'ignore' }).status === 0

export function put(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}
