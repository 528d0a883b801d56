import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeFolder } from '../src/make-folder.ts'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'speki-folder-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

test('a folder is made with those above it, and one that is there stays', () => {
  const top = folder()
  const deep = join(top, 'a', 'b', 'c')
  makeFolder(deep, 0o700)
  expect(statSync(deep).isDirectory()).toBe(true)
  if (process.platform !== 'win32') expect(statSync(join(top, 'a')).mode & 0o777).toBe(0o700)
  makeFolder(deep)
  mkdirSync(join(top, 'real'))
  symlinkSync(join(top, 'real'), join(top, 'link'), 'junction')
  makeFolder(join(top, 'link', 'inside'))
  expect(existsSync(join(top, 'real', 'inside'))).toBe(true)
})

test('what is in the way is told', () => {
  const top = folder()
  writeFileSync(join(top, 'file'), '')
  expect(() => makeFolder(join(top, 'file'))).toThrow(/EEXIST/)
  expect(() => makeFolder(join(top, 'file', 'below'))).toThrow(/ENOTDIR|EEXIST|ENOENT/)
})

// Node's own never comes back from there.
test.skipIf(process.platform !== 'linux')('a file system that has no place for folders is told, and soon', () => {
  for (const path of ['/proc/speki', '/proc/speki/a/b', '/proc/self/speki'])
    expect(() => makeFolder(path)).toThrow(/takes no new|EACCES|EPERM|EROFS/)
})

test.skipIf(process.platform !== 'linux')(
  'a file system that takes nothing new is told as that, not as a folder that is missing',
  () => {
    for (const path of ['/proc/new', '/proc/self/new/deeper'])
      expect(() => makeFolder(path), path).toThrow(/^\/proc(\/self)? takes no new files or folders/)
  },
)
