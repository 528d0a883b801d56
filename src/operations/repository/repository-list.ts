import { z } from 'zod'
import { RepositoryHealth, RepositoryName } from '../../../schemas/repository.ts'
import { Counts, Cursor, countsOf, Limit } from '../answer.ts'
import { defineOperation, Next } from '../operation.ts'
import { clip, fitting } from '../text.ts'

export const repositoryList = defineOperation({
  name: 'repository_list',
  title: 'List repositories',
  description:
    'List registered repositories with path, health (ok, missing, moved, remote), languages, check commands and task counts.',
  toolset: 'registry',
  effect: 'read',
  action: 'repository.read',
  input: z.object({ query: z.string().max(200).optional().describe('Part of the name'), limit: Limit, cursor: Cursor }),
  output: z.object({
    repositories: z.array(
      z.object({
        name: RepositoryName,
        path: z.string().optional(),
        subpath: z.string(),
        health: RepositoryHealth,
        default_branch: z.string().optional(),
        description: z.string(),
        owners: z.array(z.string()),
        languages: z.array(z.string()),
        checks: z.array(z.string()),
        tasks: Counts,
      }),
    ),
    total: z.int32(),
    next_cursor: z.string().optional(),
    next: Next,
  }),
  summarize: ({ repositories, total }) =>
    `${total} repositories: ${repositories.map((entry) => entry.name).join(', ')}`,
  async run(input, { service, caller, probe, signal }) {
    const { queryRepositories } = await import('../../domain/repository/read.ts')
    const { repositories, total } = await queryRepositories(
      service,
      caller,
      probe,
      { query: input.query, after: input.cursor, limit: input.limit },
      signal,
    )
    const rows = repositories.map(({ repository, health, tasks }) => ({
      name: repository.name,
      path: repository.path,
      subpath: repository.subpath,
      health,
      default_branch: repository.defaultBranch,
      description: clip(repository.description, 200).text,
      owners: fitting(repository.owners, 200),
      languages: repository.languages.slice(0, 5).map((language) => language.name),
      checks: repository.commands.map((command) => clip(command.argv.join(' '), 200).text),
      tasks: countsOf(tasks),
    }))
    const shown = fitting(rows, 7000)
    const last = shown.at(-1)
    return {
      repositories: shown,
      total,
      ...(last !== undefined &&
        (shown.length < rows.length || rows.length === input.limit) && { next_cursor: last.name }),
      next: total === 0 ? ['repository_register path="/absolute/path"'] : ['prd_create', 'speki_status'],
    }
  },
})
