import { chmod, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ifMissing } from '../expected.ts'

/**
 * Folders and files of a folder for their owner alone, also what an older version or another program left open to all. Links are
 * not followed. The folder itself comes first, so that nobody enters while the rest follows.
 */
export async function keepForOwner(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(ifMissing(undefined))
  if (entries === undefined) return
  await chmod(folder, 0o700)
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await keepForOwner(path)
    else if (entry.isFile()) await chmod(path, 0o600).catch(ifMissing(undefined))
  }
}
