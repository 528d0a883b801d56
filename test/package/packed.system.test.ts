import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../mcp/connect.ts'
import { ask, HELLO } from './ask.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** It asks the package registry for what the package depends on. */
test.skipIf(process.env['SPEKI_PACK'] === undefined && process.env['CI'] === undefined)(
  'the packed package installs with scripts off in an empty folder, within 60 MB, and works',
  async () => {
    const folder = await temporaryFolder()
    const packed = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
        cwd: ROOT,
        encoding: 'utf8',
      }),
    ) as { filename: string; files: { path: string }[] }[]
    const [{ filename, files } = { filename: '', files: [] }] = packed
    writeFileSync(join(folder, 'package.json'), '{"private":true}')
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', join(folder, filename)], {
      cwd: folder,
      stdio: 'ignore',
    })
    rmSync(join(folder, filename))
    const bytes = sizeOf(join(folder, 'node_modules'))
    const version = execFileSync(
      process.execPath,
      [join(folder, 'node_modules', 'speki', 'bin', 'speki.js'), '--version'],
      { encoding: 'utf8' },
    )
    const status = {
      jsonrpc: '2.0',
      id: 2,
      method: 'tools/call',
      params: { name: 'prd_create', arguments: { title: 'From a package', template: true } },
    }
    const answers = await ask(
      process.execPath,
      [join(folder, 'node_modules', 'speki', 'bin', 'speki.js'), 'mcp', '--db', join(folder, 'speki.db')],
      [HELLO, status],
    )

    console.log(`installed size: ${(bytes / 1024 / 1024).toFixed(1)} MB, ${files.length} files packed`)
    expect(bytes).toBeLessThanOrEqual(60 * 1024 * 1024)
    expect(files.some((file) => /^(src|test|bench|docs)\//.test(file.path))).toBe(false)
    expect(files.map((file) => file.path)).toContain('dist/THIRD-PARTY-NOTICES.txt')
    expect(version.trim()).toMatch(/^\d+\.\d+\.\d+$/)
    expect(answers[1]).toMatchObject({ result: { structuredContent: { id: 'PRD-1' } } })
  },
)

function sizeOf(path: string): number {
  const info = statSync(path)
  if (!info.isDirectory()) return info.size
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
}
