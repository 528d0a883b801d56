import { lstat, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ifUnreadable } from '../../../expected.ts'
import { removeOfAnyAge } from '../../../files/remove.ts'
import { liesIn, linkFolder, namesIn, type Override, packageFolders } from './scene.ts'

/** Node looks for packages in every folder above; one that is installed in a member's own folder is replaced by a link. */
export const linkNpm: Override = async ({ folder }, used) => {
  for (const { name, folder: target, users } of used) {
    await replace(join(folder, 'node_modules', name), target, folder)
    // Links of a repository may lead into somebody's working copy.
    for (const user of users)
      for (const place of packageFolders(user))
        for (const installed of await installedIn(join(place, 'node_modules'), name))
          if (!(await liesIn(installed, target)) && (await liesIn(dirname(installed), user.worktree)))
            await replace(installed, target, user.worktree)
  }
  return {
    notes: used.map(({ name, repository }) => `npm finds ${name} in the worktree of ${repository}.`),
    environment: {},
  }
}

/** pnpm keeps what packages use of each other in a folder of its own. */
async function installedIn(modules: string, name: string): Promise<readonly string[]> {
  const store = join(modules, '.pnpm')
  const inner = (await namesIn(store)).map((entry) =>
    entry === 'node_modules' ? join(store, entry) : join(store, entry, 'node_modules'),
  )
  const places = [modules, ...inner].map((place) => join(place, name))
  const there = await Promise.all(places.map(async (path) => await lstat(path).catch(ifUnreadable(undefined))))
  return places.filter((_, index) => there[index] !== undefined)
}

async function replace(at: string, target: string, within: string): Promise<void> {
  await removeOfAnyAge(at, within)
  await mkdir(dirname(at), { recursive: true })
  await linkFolder(target, at)
}
