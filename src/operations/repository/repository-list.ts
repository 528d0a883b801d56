import { z } from 'zod'
import { RepositoryHealth, RepositoryName } from '../../../schemas/repository.ts'
import { BLANK, step } from '../../step.ts'
import { Counts, Cursor, countsOf, Limit } from '../answer.ts'
import { nextWork } from '../next-work.ts'
import { defineOperation, Next } from '../operation.ts'

export const repositoryList = defineOperation({
  name: 'repository_list',
  title: 'List repositories',
  description: 'List repositories with path, health, languages, checks and task counts.',
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
  async run(input, { service, caller, probe, signal, cut }) {
    const { queryRepositories } = await import('../../domain/repository/read.ts')
    const { repositories, total, left } = await queryRepositories(
      service,
      caller,
      probe,
      { query: input.query, after: input.cursor, limit: input.limit },
      signal,
    )
    const rows = cut.page('repositories', repositories, 7000, ({ repository, health, tasks }) => ({
      name: repository.name,
      path: repository.path,
      subpath: repository.subpath,
      health,
      default_branch: repository.defaultBranch,
      description: repository.description,
      owners: [...repository.owners],
      languages: repository.languages.map((language) => language.name),
      checks: repository.commands.map((command) => command.argv.join(' ')),
      tasks: countsOf(tasks),
    }))
    const last = rows.at(-1)
    const more = last !== undefined && (rows.length < repositories.length || left > 0)
    const lost = rows.find(({ health }) => health === 'missing')
    const onward =
      total === 0 &&
      input.query !== undefined &&
      (await nextWork(service, caller))[0]?.operation !== 'repository_register'
        ? [step('repository_list')]
        : await nextWork(service, caller)
    return {
      repositories: rows,
      total,
      ...(more && { next_cursor: last.name }),
      next: [
        ...(lost === undefined ? [] : [step('repository_register', { name: lost.name, path: BLANK })]),
        ...(more ? [step('repository_list', { query: input.query, cursor: last.name })] : []),
        ...(lost === undefined || !more ? onward : []),
      ],
    }
  },
})
