import { readdir, readFile } from 'node:fs/promises'
import { delimiter, join, relative, sep } from 'node:path'
import { childEnvironment } from '../../config.ts'
import { ifUnreadable } from '../../expected.ts'

const PROGRAMS = process.platform === 'win32' ? 'Scripts' : 'bin'

/**
 * Variables under which a worktree uses the virtual environment of its working copy, whatever its folder is called; undefined
 * where there is none. An environment knows its own place, so a copy would not work: it is shared. What is installed in it as
 * editable points at the working copy; the same places in the worktree come before that.
 */
export async function pythonEnvironment(
  root: string,
  folders: Iterable<string>,
  worktree: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const inherited = childEnvironment()
  const own = await firstEnvironment(root, folders)
  const active = inherited['VIRTUAL_ENV'] ?? inherited['CONDA_PREFIX']
  const place = own ?? active
  if (place === undefined) return undefined
  const sources = (await editablePaths(place, root)).map((path) => join(worktree, relative(root, path)))
  return {
    ...(own !== undefined && {
      VIRTUAL_ENV: own,
      PATH: `${join(own, PROGRAMS)}${delimiter}${inherited['PATH'] ?? ''}`,
    }),
    ...(sources.length > 0 && { PYTHONPATH: sources.join(delimiter) }),
  }
}

/** The environment that lies in a working copy, told by its pyvenv.cfg; the customary name first. */
async function firstEnvironment(root: string, folders: Iterable<string>): Promise<string | undefined> {
  const found: string[] = []
  for (const folder of folders) {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(ifUnreadable([]))
    for (const entry of entries.filter((entry) => entry.isDirectory())) {
      const place = join(root, folder, entry.name)
      const inside: readonly string[] = await readdir(place).catch(ifUnreadable([]))
      if (inside.includes('pyvenv.cfg') && inside.includes(PROGRAMS)) found.push(place)
    }
  }
  const active = childEnvironment()['VIRTUAL_ENV'] ?? ''
  return found.find((place) => place === active) ?? found.find((place) => place.endsWith(`${sep}.venv`)) ?? found[0]
}

/** Folders below `root` that an environment takes modules from: lines of its .pth files, and what finders of setuptools map. */
async function editablePaths(environment: string, root: string): Promise<readonly string[]> {
  const paths = new Set<string>()
  for (const folder of await packageFolders(environment))
    for (const name of await readdir(folder).catch(ifUnreadable([]))) {
      if (!/\.(?:pth|egg-link)$|^__editable__.*\.py$/.test(name)) continue
      const text = await readFile(join(folder, name), 'utf8').catch(ifUnreadable(''))
      if (name.endsWith('.py'))
        for (const [, module = '', path = ''] of text.matchAll(/'([\w.]+)': '([^'\n]+)'/g))
          paths.add(path.endsWith(module.replaceAll('.', sep)) ? path.slice(0, -module.length - 1) : '')
      else for (const line of text.split(/\r?\n/)) paths.add(line.trim())
    }
  return [...paths].filter(
    (path) => (path === root || path.startsWith(root + sep)) && !path.startsWith(environment + sep),
  )
}

async function packageFolders(environment: string): Promise<readonly string[]> {
  if (process.platform === 'win32') return [join(environment, 'Lib', 'site-packages')]
  const versions = await readdir(join(environment, 'lib')).catch(ifUnreadable([]))
  return versions
    .filter((name) => name.startsWith('python'))
    .map((name) => join(environment, 'lib', name, 'site-packages'))
}
