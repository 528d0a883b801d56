import type { Reader } from '../../store/database.ts'
import { findRepository, type RepositoryRecord } from '../../store/repositories.ts'
import type { FrozenChecks } from '../../store/run/runs.ts'
import type { TaskRecord } from '../../store/task/tasks.ts'

/** Those that tasks are about, each once. */
export async function repositoriesOf(
  reader: Reader,
  tasks: readonly TaskRecord[],
): Promise<readonly RepositoryRecord[]> {
  const repositories: RepositoryRecord[] = []
  for (const id of new Set(tasks.map((task) => task.repositoryId))) {
    const repository = await findRepository(reader, id)
    if (repository !== undefined) repositories.push(repository)
  }
  return repositories
}

/** The checks of a repository as they are kept with a run. */
export function freezeChecks({ id, commands, facts }: RepositoryRecord): FrozenChecks {
  return { repository: id, commands: [...commands], detected: [...facts.commands] }
}

/** A repository with the checks that a run began with: what anybody sets later counts from the next run on, or from where a person has it go on. */
export function withFrozenChecks<T extends RepositoryRecord>(repository: T, frozen: readonly FrozenChecks[]): T {
  const kept = frozen.find((checks) => checks.repository === repository.id)
  if (kept === undefined) return repository
  return { ...repository, commands: kept.commands, facts: { ...repository.facts, commands: kept.detected } }
}
