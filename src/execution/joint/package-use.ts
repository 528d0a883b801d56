import type { PackageFact } from '../../../schemas/repository.ts'
import { isSample } from '../../validation/contracts/places.ts'

/**
 * Whether a package of a repository depends on one of another. What the repository has itself it takes from itself, and nobody
 * builds on what lies among tests and examples.
 */
export function usesPackage(user: PackageFact, provided: PackageFact, own: readonly PackageFact[]): boolean {
  if (isSample(`${provided.path}/`)) return false
  const key = packageKey(provided.ecosystem, provided.name)
  if (!user.dependencies.some((name) => packageKey(user.ecosystem, name) === key)) return false
  return !own.some(({ ecosystem, name }) => packageKey(ecosystem, name) === key)
}

/** The same for all spellings that an ecosystem takes for one. Maven and Gradle use each other's packages. */
export function packageKey(ecosystem: string, name: string): string {
  if (ecosystem === 'python') return `python ${name.toLowerCase().replaceAll(/[-_.]+/g, '-')}`
  if (ecosystem === 'nuget') return `nuget ${name.toLowerCase()}`
  return `${ecosystem === 'gradle' ? 'maven' : ecosystem} ${name}`
}
