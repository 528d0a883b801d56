import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { thirdPartyNotices } from '../../third-party-notices.ts'
import { temporaryFolder } from '../mcp/connect.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const TERMS = 'Permission is hereby granted, by Somebody.'

/** The notices of a bundle that holds one file of each of these packages. */
async function noticesOf(packages: Readonly<Record<string, { license?: unknown; files?: Record<string, string> }>>) {
  const root = await temporaryFolder()
  for (const [folder, { license, files = { LICENSE: TERMS } }] of Object.entries(packages)) {
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const all = { 'package.json': JSON.stringify({ name, version: '1.2.3', license }), ...files }
    for (const [file, text] of Object.entries(all)) {
      mkdirSync(dirname(join(root, folder, file)), { recursive: true })
      writeFileSync(join(root, folder, file), text)
    }
  }
  const inputs = Object.fromEntries(Object.keys(packages).map((folder) => [`${folder}/lib/x.js`, { bytesInOutput: 1 }]))
  const output = { bytes: 1, inputs: { ...inputs, 'src/cli.ts': { bytesInOutput: 1 } }, imports: [], exports: [] }
  return thirdPartyNotices({ outputs: { 'dist/cli.js': output } }, root)
}

test('the build names every package whose code it holds, with version and terms', () => {
  const notices = readFileSync(join(ROOT, 'dist', 'THIRD-PARTY-NOTICES.txt'), 'utf8')
  for (const name of ['zod', 'kysely', 'hono', '@modelcontextprotocol/server', 'commander', 'pg', 'yaml']) {
    const { version, license } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'))
    expect(notices).toContain(`\n${name} ${version} (${license})\n\n`)
  }
})

test.each([
  ['a file of its own', 'node_modules/a', { LICENSE: TERMS }],
  ['a British file', 'node_modules/@scope/a', { 'licence.md': TERMS }],
  ['the end of its README', 'node_modules/a', { 'README.md': `# a\n\nWords.\n\n## License\n\n${TERMS}\n` }],
  ['a package in a package', 'node_modules/a/node_modules/b', { 'LICENSE-MIT': TERMS }],
])('the text is found: %s', async (_, folder, files) => {
  const notices = await noticesOf({ [folder]: { license: 'MIT', files } })
  expect(notices).toContain(`1.2.3 (MIT)\n\n${TERMS}`)
})

test('notices are handed on beside the licence', async () => {
  const notices = await noticesOf({
    'node_modules/a': { license: 'Apache-2.0', files: { LICENSE: TERMS, NOTICE: 'Made by A.' } },
  })
  expect(notices).toContain(`${TERMS}\n\nMade by A.`)
})

test.each(['MIT', '(MIT OR GPL-3.0-only)', 'ISC AND BSD-3-Clause', 'CC0-1.0'])('%s may be bundled', async (license) => {
  expect(await noticesOf({ 'node_modules/a': { license } })).toContain('a 1.2.3')
})

test('a licence that may not, none, and a missing text fail the build, all at once', async () => {
  const notices = noticesOf({
    'node_modules/copyleft': { license: 'GPL-3.0-only' },
    'node_modules/both': { license: 'MIT AND AGPL-3.0-only' },
    'node_modules/silent': {},
    'node_modules/old': { license: { type: 'MIT' } },
    'node_modules/textless': { license: 'MIT', files: { 'README.md': '# textless\n\n## License\n\nMIT\n' } },
    'node_modules/good': { license: 'MIT' },
  })
  await expect(notices).rejects.toThrow(
    /both 1\.2\.3: its licence is MIT AND AGPL-3\.0-only\n.*copyleft 1\.2\.3: its licence is GPL-3\.0-only\n.*old 1\.2\.3: its licence is .*\n.*silent 1\.2\.3: its licence is .*\n.*textless 1\.2\.3: it comes without the text/s,
  )
  await expect(notices).rejects.not.toThrow(/good/)
})
