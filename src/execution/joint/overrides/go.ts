import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ifUnreadable } from '../../../expected.ts'
import { replaceInside } from '../../../files/replace.ts'
import type { Override } from './scene.ts'

/** A workspace of Go joins all modules of all members: one that is not in it could not be built. */
export const joinGo: Override = async ({ folder, members }, used) => {
  const modules = new Map(used.map(({ name, folder: place }) => [name, place]))
  for (const { worktree, packages } of members)
    for (const { ecosystem, name, path } of packages)
      if (ecosystem === 'go' && !modules.has(name)) modules.set(name, join(worktree, path))
  const places = [...modules.values()]
  const file = join(folder, 'go.work')
  const uses = places.map((place) => `\t${JSON.stringify(place)}`)
  await replaceInside(file, `go ${await newestGo(places)}\n\nuse (\n${uses.join('\n')}\n)\n`, folder)
  return { notes: [`go.work joins ${[...modules.keys()].join(', ')}.`], environment: { GOWORK: file } }
}

/** A workspace must not be older than any of its modules. */
async function newestGo(places: readonly string[]): Promise<string> {
  const versions = await Promise.all(
    places.map(
      async (place) =>
        /^go (\d+(?:\.\d+)*)/m.exec(await readFile(join(place, 'go.mod'), 'utf8').catch(ifUnreadable('')))?.[1] ??
        '1.21',
    ),
  )
  const rank = (version: string) =>
    version.split('.').reduce((sum, part, index) => sum + Number(part) * 1000 ** (2 - index), 0)
  return versions.sort((a, b) => rank(b) - rank(a))[0] ?? '1.21'
}
