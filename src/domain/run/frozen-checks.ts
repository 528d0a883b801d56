import type { RepositoryRecord } from '../../store/repositories.ts'
import type { FrozenChecks } from '../../store/run/runs.ts'

/** The checks of a repository as they are kept with a run. */
export function freezeChecks({ id, commands, facts }: RepositoryRecord): FrozenChecks {
  return { repository: id, commands: [...commands], detected: [...facts.commands] }
}

/** A repository with the checks that a run began with: what anybody sets later counts from the next run on. */
export function withFrozenChecks<T extends RepositoryRecord>(repository: T, frozen: readonly FrozenChecks[]): T {
  const kept = frozen.find((checks) => checks.repository === repository.id)
  if (kept === undefined) return repository
  return { ...repository, commands: kept.commands, facts: { ...repository.facts, commands: kept.detected } }
}
