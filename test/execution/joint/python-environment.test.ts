import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pythonEnvironment } from '../../../src/execution/joint/python-environment.ts'
import { temporaryFolder } from '../../mcp/connect.ts'

/** A working copy whose environment lies in a folder of this name, and holds these files among its packages. */
async function copyWith(name: string, packages: (root: string) => Readonly<Record<string, string>>) {
  const root = await temporaryFolder()
  const place = join(root, name)
  const site = join(place, 'lib', 'python3.11', 'site-packages')
  mkdirSync(site, { recursive: true })
  mkdirSync(join(place, 'bin'))
  writeFileSync(join(place, 'pyvenv.cfg'), 'home = /usr/bin\n')
  for (const [file, text] of Object.entries(packages(root))) writeFileSync(join(site, file), text)
  return { root, place }
}

test.skipIf(process.platform === 'win32').each([
  ['.venv', (root: string) => ({ '__editable__.a-0.1.pth': `${root}/src\n` }), '/w/src'],
  ['venv', (root: string) => ({ 'a.pth': `import sys\n${root}\n` }), '/w'],
  [
    'env-3.11',
    (root: string) => ({
      '__editable___a_0_1_finder.py': `MAPPING: dict[str, str] = {'pkg.a': '${root}/lib/pkg/a'}\n`,
    }),
    '/w/lib',
  ],
  ['.env3', (root: string) => ({ 'a.egg-link': `${root}/python\n.` }), '/w/python'],
  ['py', () => ({ 'other.pth': '/somewhere/else\n' }), undefined],
])(
  'the environment in %s is used, and what is editable in it comes from the worktree',
  async (name, packages, path) => {
    const { root, place } = await copyWith(name, packages)
    const environment = await pythonEnvironment(root, ['.'], '/w')
    expect(environment).toMatchObject({ VIRTUAL_ENV: place, PATH: expect.stringContaining(`${join(place, 'bin')}:`) })
    expect(environment?.['PYTHONPATH']?.replace(/\/$/, '')).toBe(path)
  },
)

test('the environment of a package of the repository is found in its folder', async () => {
  const { root, place } = await copyWith('api/venv', () => ({}))
  expect(await pythonEnvironment(root, ['.', 'api'], '/w')).toMatchObject({ VIRTUAL_ENV: place })
})
