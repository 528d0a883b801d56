import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { replaceFile } from '../../src/files/replace.ts'

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'speki-whole-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

test('a file is written with its text and rights, and written over', async () => {
  const top = folder()
  await replaceFile(join(top, 'a'), 'one', 0o600)
  await replaceFile(join(top, 'a'), 'two', 0o600)
  expect(readFileSync(join(top, 'a'), 'utf8')).toBe('two')
  if (process.platform !== 'win32') expect(statSync(join(top, 'a')).mode & 0o777).toBe(0o600)
  expect(readdirSync(top)).toEqual(['a'])
})

test('of what fails nothing is left, and the file that was meant is named', async () => {
  const top = folder()
  mkdirSync(join(top, 'a', 'inner'), { recursive: true })
  await expect(replaceFile(join(top, 'a'), 'text')).rejects.toMatchObject({ path: join(top, 'a') })
  expect(readdirSync(top)).toEqual(['a'])
  await expect(replaceFile(join(top, 'none', 'a'), 'text')).rejects.toMatchObject({ code: 'ENOENT' })
  if (process.platform === 'linux')
    await expect(replaceFile('/proc/new', 'text')).rejects.toThrow(/^\/proc takes no new files/)
})
