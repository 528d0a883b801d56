import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { SpekiError } from '../../../errors.ts'
import { ifUnreadable } from '../../../expected.ts'
import { providedKey, usesOf } from '../../order/package-use.ts'
import { patchCargo } from './cargo.ts'
import { referDotnet } from './dotnet.ts'
import { joinGo } from './go.ts'
import { includeGradle } from './gradle.ts'
import { installMaven } from './maven.ts'
import { linkNpm } from './npm.ts'
import { placePython } from './python.ts'
import type { JointMember, Override, Overrides, Provided, Scene } from './scene.ts'

const OVERRIDES: Readonly<Record<string, Override>> = {
  npm: linkNpm,
  python: placePython,
  go: joinGo,
  cargo: patchCargo,
  maven: installMaven,
  gradle: includeGradle,
  nuget: referDotnet,
}

/**
 * Lets the members of a joint workspace build against each other instead of what is published. Everything lies in the folder
 * above the worktrees, where each ecosystem looks by itself or is told to by a variable, or in folders of dependencies that
 * git ignores: nothing of it can reach a commit.
 */
export async function applyOverrides(scene: Scene): Promise<Overrides> {
  const used = usedPackages(scene.members)
  const notes: string[] = []
  const environment: Record<string, string> = {}
  for (const [ecosystem, override] of Object.entries(OVERRIDES)) {
    const seen = used.filter((fact) => fact.ecosystem === ecosystem && isSeen(fact))
    const joined = await Promise.all(seen.map(isJoinedByItself))
    const own = seen.filter((_, at) => joined[at] === false)
    if (own.length === 0) continue
    const done = await override(scene, own)
    notes.push(...done.notes)
    Object.assign(environment, done.environment)
  }
  for (const { name, ecosystem } of used.filter((fact) => !isSeen(fact)))
    notes.push(`The published ${name} is used: its users are not built by ${ecosystem}.`)
  return { notes, environment }
}

/** Maven and Gradle use each other's packages, but do not build them. */
function isSeen({ ecosystem, users }: Provided): boolean {
  return users.some(({ packages }) => packages.some((user) => user.ecosystem === ecosystem))
}

/** What joins the packages of one working copy by itself, by ecosystem; where it stands there, nothing is laid over it. */
const JOINED_BY: Readonly<Record<string, string>> = { go: 'go.work', cargo: 'Cargo.toml' }

async function isJoinedByItself({ ecosystem, worktree, folder, users }: Provided): Promise<boolean> {
  const file = JOINED_BY[ecosystem]
  if (file === undefined || users.some((user) => user.worktree !== worktree)) return false
  const place = ecosystem === 'cargo' ? folder : worktree
  return (await lstat(join(place, file)).catch(ifUnreadable(undefined))) !== undefined
}

/** Packages of members that others of them use. Throws where two members have one of the same name. */
export function usedPackages(members: readonly JointMember[]): readonly Provided[] {
  const found = new Map<string, Provided>()
  const consumers = members.map((member) => ({ member, uses: usesOf(member.packages) }))
  for (const { name: repository, worktree, packages } of members)
    for (const fact of packages) {
      const key = providedKey(fact) ?? ''
      const users = consumers
        .filter(({ member, uses }) => member.name !== repository && uses.has(key))
        .map(({ member }) => member)
      if (users.length === 0) continue
      const other = found.get(key)
      if (other !== undefined && other.worktree !== worktree) refuse(fact.name, other.repository, repository)
      // Of several of one name in a repository the outermost is the real one.
      if (other === undefined || fact.path.length < other.path.length)
        found.set(key, { ...fact, repository, worktree, folder: join(worktree, fact.path), users })
    }
  return [...found.values()]
}

function refuse(name: string, one: string, other: string): never {
  throw new SpekiError(
    'precondition_failed',
    `Both ${one} and ${other} contain the package ${name}, which others use.`,
    {
      hint: 'Nobody can tell which of them is meant: rename one of the packages and register its repository again.',
    },
  )
}
