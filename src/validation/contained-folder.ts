import { realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { SpekiError } from '../errors.ts'
import { ifMissing, ifUnreadable } from '../expected.ts'

/** The real path of a folder inside the repository; neither dots nor links lead out of it. */
export async function containedFolder(root: string, subpath: string): Promise<string> {
  // The way to the repository may lead through links.
  const top = await realpath(root).catch(ifMissing(root))
  const folder = await realpath(join(root, subpath)).catch(ifUnreadable(undefined))
  if (folder === undefined || !(await stat(folder)).isDirectory()) {
    throw new SpekiError('not_found', `There is no folder "${subpath}" in ${root}.`, {
      hint: 'Give a folder inside the repository, for example packages/api.',
    })
  }
  if (folder !== top && !folder.startsWith(top + sep)) {
    throw new SpekiError('invalid_input', `The subpath "${subpath}" leaves the repository.`, {
      hint: 'Give a folder inside it, not a link to another place.',
    })
  }
  return folder
}
