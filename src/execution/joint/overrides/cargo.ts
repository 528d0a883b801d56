import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'smol-toml'
import { ifUnreadable, tryParse } from '../../../expected.ts'
import { replaceInside } from '../../../files/replace.ts'
import { crateUses } from '../../../validation/ecosystems/rust.ts'
import { type JointMember, type Override, type Provided, packageFolders } from './scene.ts'

/**
 * Cargo has two ways, and both would be wrong for the other case. A crate that a lock file pins is replaced by `paths`, which
 * leaves the lock file as it is; `[patch]` would not be taken and be noted in it. A crate that nothing pins yet, perhaps as it was
 * never published, is given by `[patch]`, unless a lock file of somebody who does not use it would be written anew.
 */
export const patchCargo: Override = async ({ folder, members }, used) => {
  const locks = await Promise.all(
    members.map(async (member) => ({ name: member.name, text: (await readAll(member, 'Cargo.lock')).join('\n') })),
  )
  const pinned = (name: string) => locks.some(({ text }) => isPinned(text, name))
  const locked = ({ repository }: Provided) => locks.filter(({ name, text }) => name !== repository && text !== '')
  const paths = used.filter(({ name }) => pinned(name))
  const patched = used.filter((fact) => !paths.includes(fact) && locked(fact).length === 0)
  const sources = new Map<string, string[]>()
  for (const fact of patched)
    for (const source of await sourcesOf(fact))
      sources.set(source, [...(sources.get(source) ?? []), `${quote(fact.name)} = { path = ${quote(fact.folder)} }`])
  const lines = [
    ...(paths.length > 0 ? [`paths = [${paths.map((fact) => quote(fact.folder)).join(', ')}]`] : []),
    ...[...sources].flatMap(([source, entries]) => [`[patch.${quote(source)}]`, ...entries]),
  ]
  if (lines.length > 0) await replaceInside(join(folder, '.cargo', 'config.toml'), `${lines.join('\n')}\n`, folder)
  return {
    notes: used.map((fact) =>
      paths.includes(fact) || patched.includes(fact)
        ? `Cargo takes ${fact.name} from the worktree of ${fact.repository}.`
        : `Cargo does not see the unmerged ${fact.name}: the Cargo.lock of ${locked(fact)[0]?.name} would be written anew.`,
    ),
    environment: {},
  }
}

function isPinned(lock: string, name: string): boolean {
  const [, ...blocks] = lock.split('[[package]]')
  return blocks.some((block) => block.includes(`name = ${quote(name)}\n`) && /^source = /m.test(block))
}

/** Where the users of a crate take it from: `crates-io`, the name of another registry, or the URL of a repository. */
async function sourcesOf({ name, users }: Provided): Promise<ReadonlySet<string>> {
  const manifests = (await Promise.all(users.map(async (user) => await readAll(user, 'Cargo.toml')))).flat()
  const uses = manifests.flatMap((text) => tryParse(() => crateUses(parse(text))) ?? [])
  const sources = uses.filter((use) => use.name === name).map(({ git, registry }) => git ?? registry ?? 'crates-io')
  return new Set(sources.length > 0 ? sources : ['crates-io'])
}

async function readAll(member: JointMember, file: string): Promise<readonly string[]> {
  const texts = packageFolders(member).map(
    async (place) => await readFile(join(place, file), 'utf8').catch(ifUnreadable('')),
  )
  return (await Promise.all(texts)).filter((text) => text !== '')
}

function quote(text: string): string {
  return JSON.stringify(text)
}
