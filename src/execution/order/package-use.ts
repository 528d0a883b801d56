import type { PackageFact } from '../../../schemas/repository.ts'
import { isSample } from '../../validation/contracts/places.ts'

/** Keys of what the packages of a repository use and it has not itself, each with the first that uses it. */
export function usesOf(packages: readonly PackageFact[]): ReadonlyMap<string, PackageFact> {
  const own = new Set(packages.map(({ ecosystem, name }) => packageKey(ecosystem, name)))
  const found = new Map<string, PackageFact>()
  for (const user of packages)
    for (const name of user.dependencies) {
      const key = packageKey(user.ecosystem, name)
      if (!own.has(key) && !found.has(key)) found.set(key, user)
    }
  return found
}

/** Key of what a package provides; undefined among tests and examples, on which nobody builds. */
export function providedKey({ ecosystem, name, path }: PackageFact): string | undefined {
  return isSample(`${path}/`) ? undefined : packageKey(ecosystem, name)
}

/** The same for all spellings that an ecosystem takes for one. Maven and Gradle use each other's packages. */
function packageKey(ecosystem: string, name: string): string {
  if (ecosystem === 'python') return `python ${name.toLowerCase().replaceAll(/[-_.]+/g, '-')}`
  if (ecosystem === 'nuget') return `nuget ${name.toLowerCase()}`
  return `${ecosystem === 'gradle' ? 'maven' : ecosystem} ${name}`
}
