import { lstat, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import type { PackageFact } from '../../../schemas/repository.ts'

/** A worktree of a joint workspace, and the packages in it. */
export interface JointMember {
  readonly name: string
  /** Folder inside the joint workspace. */
  readonly worktree: string
  readonly packages: readonly PackageFact[]
}

export interface Overrides {
  /** One sentence each. */
  readonly said: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Lets the members of a joint workspace build against each other instead of what is published. Everything lies in the folder
 * above the worktrees, where each ecosystem looks by itself, or in folders of dependencies that git ignores: nothing of it
 * can reach a commit.
 */
export async function applyOverrides(folder: string, members: readonly JointMember[]): Promise<Overrides> {
  const provided = members.flatMap(({ name, worktree, packages }) =>
    packages.map((fact) => ({ ...fact, repository: name, folder: join(worktree, fact.path) })),
  )
  const used = provided.filter((fact) => members.some((member) => uses(member, fact)))
  const of = (ecosystem: string) => used.filter((fact) => fact.ecosystem === ecosystem)
  const said = [
    ...(await linkNpm(folder, members, of('npm'))),
    ...(await writeGoWork(folder, of('go').length > 0 ? provided.filter(({ ecosystem }) => ecosystem === 'go') : [])),
    ...(await writeCargoPatch(folder, members, of('cargo'))),
  ]
  const python = of('python').flatMap((fact) => [join(fact.folder, 'src'), fact.folder])
  return {
    said: [...said, ...of('python').map(({ name }) => `Python finds ${name} in its worktree by PYTHONPATH.`)],
    environment: {
      ...(python.length > 0 && { PYTHONPATH: python.join(delimiter) }),
      ...(of('go').length > 0 && { GOWORK: join(folder, 'go.work') }),
    },
  }
}

type Provided = PackageFact & { readonly repository: string; readonly folder: string }

function uses(member: JointMember, fact: Provided): boolean {
  if (member.name === fact.repository) return false
  return member.packages.some(
    ({ ecosystem, dependencies }) => ecosystem === fact.ecosystem && dependencies.includes(fact.name),
  )
}

/** Node looks for packages in every folder above; one that is installed in a member's own folder is replaced by a link. */
async function linkNpm(folder: string, members: readonly JointMember[], used: readonly Provided[]): Promise<string[]> {
  for (const fact of used) {
    await link(join(folder, 'node_modules', fact.name), fact.folder)
    for (const member of members.filter((member) => uses(member, fact)))
      for (const { path } of member.packages) {
        const installed = join(member.worktree, path, 'node_modules', fact.name)
        if ((await lstat(installed).catch(() => undefined)) !== undefined) await link(installed, fact.folder)
      }
  }
  return used.map(({ name, repository }) => `npm finds ${name} in the worktree of ${repository}.`)
}

async function link(at: string, target: string): Promise<void> {
  await mkdir(dirname(at), { recursive: true })
  await rm(at, { recursive: true, force: true })
  await symlink(target, at, process.platform === 'win32' ? 'junction' : 'dir')
}

async function writeGoWork(folder: string, modules: readonly Provided[]): Promise<string[]> {
  if (modules.length === 0) return []
  const uses = modules.map((fact) => `\t${JSON.stringify(fact.folder)}`)
  await writeFile(join(folder, 'go.work'), `go ${await newestGo(modules)}\n\nuse (\n${uses.join('\n')}\n)\n`)
  return [`go.work joins ${modules.map(({ name }) => name).join(', ')}.`]
}

/** A workspace must not be older than any of its modules. */
async function newestGo(modules: readonly Provided[]): Promise<string> {
  const versions = await Promise.all(
    modules.map(
      async ({ folder }) =>
        /^go (\d+(?:\.\d+)*)/m.exec(await readFile(join(folder, 'go.mod'), 'utf8').catch(() => ''))?.[1] ?? '1.21',
    ),
  )
  const rank = (version: string) =>
    version.split('.').reduce((sum, part, index) => sum + Number(part) * 1000 ** (2 - index), 0)
  return versions.sort((a, b) => rank(b) - rank(a))[0] ?? '1.21'
}

/** A crate that a lock file pins to a registry keeps it: Cargo would write the lock file anew, and that could reach a commit. */
async function writeCargoPatch(
  folder: string,
  members: readonly JointMember[],
  used: readonly Provided[],
): Promise<string[]> {
  const locks = await Promise.all(
    members.map(({ worktree }) => readFile(join(worktree, 'Cargo.lock'), 'utf8').catch(() => '')),
  )
  const pinned = (name: string) =>
    locks.some((text) => new RegExp(`name = "${name}"\\nversion = "[^"]*"\\nsource = `).test(text))
  const free = used.filter(({ name }) => !pinned(name))
  const lines = free.map((fact) => `${JSON.stringify(fact.name)} = { path = ${JSON.stringify(fact.folder)} }`)
  if (free.length > 0) {
    await mkdir(join(folder, '.cargo'), { recursive: true })
    await writeFile(join(folder, '.cargo', 'config.toml'), `[patch.crates-io]\n${lines.join('\n')}\n`)
  }
  return used.map(({ name, repository }) =>
    pinned(name)
      ? `Cargo keeps the published ${name}: a Cargo.lock pins it.`
      : `Cargo takes ${name} from the worktree of ${repository}.`,
  )
}
