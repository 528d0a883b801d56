import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { parse } from 'smol-toml'
import { z } from 'zod'
import { ifUnreadable, tryParse } from '../../../expected.ts'
import { replaceInside } from '../../../files/replace.ts'
import type { Override, Provided } from './scene.ts'

const Table = z.record(z.string(), z.string()).catch({}).default({})
const Groups = z.record(z.string(), Table).catch({}).default({})
const Project = z.looseObject({
  project: z.looseObject({ scripts: Table, 'gui-scripts': Table, 'entry-points': Groups }).optional().catch(undefined),
  tool: z
    .looseObject({ poetry: z.looseObject({ scripts: Table, plugins: Groups }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
})

/**
 * Python finds a package where a variable says. What is installed says more than its files: its version, and the entry points
 * by which plugins are found. A folder says that here, as an editable install would in the environment.
 */
export const placePython: Override = async ({ folder }, used) => {
  const described = join(folder, '.python')
  for (const fact of used) await describe(described, fact, folder)
  const places = [described, ...used.flatMap((fact) => [join(fact.folder, 'src'), fact.folder])]
  return {
    notes: used.map(({ name }) => `Python finds ${name} in its worktree by PYTHONPATH.`),
    environment: { PYTHONPATH: places.join(delimiter) },
  }
}

async function describe(folder: string, { name, version, folder: source }: Provided, within: string): Promise<void> {
  if (version === undefined) return
  const place = join(folder, `${name.replaceAll(/[-_.]+/g, '_')}-${version.replaceAll('-', '_')}.dist-info`)
  const metadata = `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`
  await replaceInside(join(place, 'METADATA'), metadata, within)
  const groups = await entryPoints(join(source, 'pyproject.toml'))
  const lines = Object.entries(groups).flatMap(([group, entries]) => [
    `[${group}]`,
    ...Object.entries(entries).map(([entry, target]) => `${entry} = ${target}`),
  ])
  await replaceInside(join(place, 'entry_points.txt'), `${lines.join('\n')}\n`, within)
}

async function entryPoints(file: string): Promise<Readonly<Record<string, Readonly<Record<string, string>>>>> {
  const text = await readFile(file, 'utf8').catch(ifUnreadable(''))
  // One that is broken is for its own checks to tell.
  const { project, tool } = tryParse(() => Project.parse(parse(text))) ?? {}
  return {
    console_scripts: { ...tool?.poetry?.scripts, ...project?.scripts },
    gui_scripts: { ...project?.['gui-scripts'] },
    ...tool?.poetry?.plugins,
    ...project?.['entry-points'],
  }
}
