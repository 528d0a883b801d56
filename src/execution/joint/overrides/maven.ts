import { copyFile, cp, lstat, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join, sep } from 'node:path'
import { SpekiError } from '../../../errors.ts'
import { ifUnreadable } from '../../../expected.ts'
import { removeOfAnyAge } from '../../../files/remove.ts'
import { runMarked } from '../../../process/run-marked.ts'
import { readPom } from '../../../validation/ecosystems/jvm.ts'
import type { Starting } from '../provide.ts'
import { type JointMember, namesIn, type Override, type Provided } from './scene.ts'

const LIMITS = { wallMs: 15 * 60_000, stallMs: 5 * 60_000, lineBytes: 4096, totalBytes: 64 * 1024 * 1024 }

/**
 * Maven takes what it builds with from its local repository. There is one above the worktrees, whose entries are those of the
 * user's own except for what members make: that is installed from a copy of their worktrees, in the versions its users
 * ask for.
 */
export const installMaven: Override = async ({ folder, members, mark, sandboxOf, signal }, used) => {
  const home = join(folder, '.m2')
  const local = join(home, 'repository')
  if (/\s/.test(local))
    throw new SpekiError('precondition_failed', `Maven cannot be told of a folder with blanks in its name: ${local}`, {
      hint: 'Keep the database of the workspace in a folder without.',
    })
  await removeOfAnyAge(home, folder)
  const producers = members.filter(({ name }) => used.some(({ repository }) => repository === name))
  const made = producers.flatMap(({ packages }) => packages.filter(({ ecosystem }) => ecosystem === 'maven'))
  await overlay(
    await userRepository(),
    local,
    made.map(({ name }) => placeOf(name)),
  )
  for (const producer of producers) {
    const sandbox = await sandboxOf({ name: producer.name }, home)
    await install(producer, { home, local, mark, sandbox }, signal)
  }
  for (const fact of used) await offer(fact, local)
  return {
    notes: used.map(({ name, repository }) => `Maven takes ${name} as built from the worktree of ${repository}.`),
    environment: { MAVEN_OPTS: `-Dmaven.repo.local=${local}` },
  }
}

async function userRepository(): Promise<string> {
  const settings = await readFile(join(homedir(), '.m2', 'settings.xml'), 'utf8').catch(ifUnreadable(''))
  const configured = /<localRepository>([^<]+)</.exec(settings.replaceAll(/<!--[\s\S]*?-->/g, ''))?.[1]?.trim()
  return configured?.replace(/^\$\{user\.home\}/, homedir()) ?? join(homedir(), '.m2', 'repository')
}

/** `com.acme:lib` → com, acme, lib */
function placeOf(name: string): readonly string[] {
  const [group = '', artifact = ''] = name.split(':')
  return [...group.split('.'), artifact]
}

/** A folder whose entries are links to those of another, all but those on the way to the places left out. */
async function overlay(real: string, at: string, leftOut: readonly (readonly string[])[]): Promise<void> {
  await mkdir(at, { recursive: true })
  const [ends, ways] = [leftOut.filter(({ length }) => length === 1), leftOut.filter(({ length }) => length > 1)]
  const apart = new Set(leftOut.map(([first]) => first))
  for (const name of await namesIn(real)) if (!apart.has(name)) await symlink(join(real, name), join(at, name))
  for (const first of new Set(ways.map(([name = '']) => name)))
    if (!ends.some(([name]) => name === first))
      await overlay(
        join(real, first),
        join(at, first),
        ways.filter(([name]) => name === first).map(([, ...rest]) => rest),
      )
}

/** Builds in a copy, so that nothing appears in the worktree. */
async function install(
  { name, worktree, packages }: JointMember,
  { home, local, mark, sandbox }: { readonly home: string; readonly local: string } & Starting,
  signal: AbortSignal,
) {
  const copy = join(home, 'build', basename(worktree))
  await cp(worktree, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !['.git', 'node_modules', 'target'].includes(basename(path)),
  })
  const poms = packages.filter(({ ecosystem }) => ecosystem === 'maven').map(({ path }) => path)
  const outermost = poms.filter(
    (path) => !poms.some((other) => other !== path && (other === '.' || path.startsWith(`${other}/`))),
  )
  for (const path of outermost) {
    const place = join(copy, path)
    const wrapped = (await lstat(join(place, 'mvnw')).catch(ifUnreadable(undefined))) !== undefined
    const args = ['--batch-mode', '--quiet', 'install', '-Dmaven.test.skip=true', `-Dmaven.repo.local=${local}`]
    const lines: string[] = []
    const { reason, exitCode, stderr } = await runMarked(
      {
        file: wrapped ? join(place, 'mvnw') : 'mvn',
        args,
        folder: place,
        environment: {},
        mark,
        sandbox,
        limits: LIMITS,
        input: '',
      },
      (line) => void lines.push(line),
      signal,
    )
    if (reason === 'exited' && exitCode === 0) continue
    const why = lines.find((line) => line.includes('ERROR')) ?? (stderr.trim() || reason)
    throw new SpekiError('precondition_failed', `Maven could not build ${name} for those that use it: ${why}`, {
      hint: 'Run mvn install there; what is red in the producer is mended first.',
    })
  }
  await removeOfAnyAge(copy, home)
}

/** Gives a package under the versions that its users name, whatever its own is by now. */
async function offer({ name, users }: Provided, local: string): Promise<void> {
  const place = join(local, ...placeOf(name))
  const artifact = basename(place)
  const [made] = (await readdir(place, { withFileTypes: true }).catch(ifUnreadable([]))).filter((entry) =>
    entry.isDirectory(),
  )
  if (made === undefined) return
  for (const version of await wantedVersions(name, users)) {
    if (version === made.name) continue
    await mkdir(join(place, version))
    for (const file of await namesIn(join(place, made.name)))
      if (file.startsWith(`${artifact}-${made.name}`))
        await copyFile(
          join(place, made.name, file),
          join(place, version, file.replace(`${artifact}-${made.name}`, `${artifact}-${version}`)),
        )
  }
}

/** Versions by which users name a package; a range, or what a pom elsewhere tells, is left to Maven. */
async function wantedVersions(name: string, users: readonly JointMember[]): Promise<ReadonlySet<string>> {
  const wanted = new Set<string>()
  for (const { worktree, packages } of users) {
    const texts = await Promise.all(
      packages
        .filter(({ ecosystem }) => ecosystem === 'maven')
        .map(async ({ path }) => await readFile(join(worktree, path, 'pom.xml'), 'utf8').catch(ifUnreadable(''))),
    )
    const poms = texts.flatMap((text) => readPom(text) ?? [])
    const properties: Readonly<Record<string, string>> = Object.assign({}, ...poms.map((pom) => pom.properties))
    for (const use of poms.flatMap((pom) => [...pom.uses, ...pom.managed])) {
      const version = use.version?.replaceAll(/\$\{([^}]+)\}/g, (all, key: string) => properties[key] ?? all)
      if (use.name === name && version !== undefined && isPlain(version)) wanted.add(version)
    }
  }
  return wanted
}

function isPlain(version: string): boolean {
  return /^[\w.+-]+$/.test(version) && !version.includes('..') && !version.includes(sep)
}
