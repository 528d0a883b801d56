import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addFiles, addIndex, addRefs, type Picture } from '../../test/harm/world.ts'

export function git(root: string, ...args: string[]): string {
  const person = ['-c', 'user.name=Person', '-c', 'user.email=person@example.invalid', '-c', 'core.hooksPath=/dev/null']
  return execFileSync('git', [...person, ...args], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 })
}

/** Tracked files, with `/` between folders. */
export function trackedFiles(root: string): readonly string[] {
  return git(root, 'ls-files', '-z').split('\0').slice(0, -1)
}

/** A copy of a clone, with all that lies in it: what others keep there is theirs, and each run begins at the same. */
export function copyClone(clone: string, to: string): void {
  execFileSync('cp', ['-a', '--reflink=auto', clone, to])
}

/** Puts into a copy what people have lying about and would miss. */
export function moveIn(root: string): void {
  const [readme] = trackedFiles(root).filter((path) => /^(?:readme|license|copying)/i.test(path))
  if (readme !== undefined) {
    appendFileSync(join(root, readme), '\nAn idea of yesterday.\n')
    git(root, 'stash', 'push', '--quiet', '--message', 'An idea of yesterday')
    appendFileSync(join(root, readme), '\nNot committed yet.\n')
  }
  writeFileSync(join(root, 'field-staged.txt'), 'staged\n')
  git(root, 'add', '--force', 'field-staged.txt')
  writeFileSync(join(root, 'field-untracked.txt'), 'untracked\n')
  git(root, 'branch', 'field/idea')
  git(root, 'tag', 'field-mark')
  git(root, 'config', 'field.kept', 'yes')
  const hook = join(root, '.git', 'hooks', 'post-checkout')
  writeFileSync(hook, '#!/bin/sh\nexit 0\n')
  chmodSync(hook, 0o755)
}

/** All that is in a clone: files, their modes, branches, tags, stash, settings, hooks, index and reflog. */
export function pictureOf(root: string): Picture {
  const picture = new Map<string, string>()
  addFiles(picture, 'clone', root)
  addRefs(picture, 'clone', root)
  addIndex(picture, 'clone', root)
  return picture
}
