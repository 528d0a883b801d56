import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { RepositoryName } from '../../../schemas/repository.ts'
import { tryParse } from '../../expected.ts'
import { BLANK, step } from '../../step.ts'
import { firstWork } from '../next-work.ts'
import { defineOperation, Next } from '../operation.ts'
import { asIs } from '../text.ts'

export const repositoryRegister = defineOperation({
  name: 'repository_register',
  title: 'Register repository',
  description:
    'Add or update a git repository, or a package of a monorepo: detects languages, packages, checks. Repeat it after a move.',
  toolset: 'registry',
  effect: 'write',
  action: 'repository.register',
  input: z.object({
    path: z.string().min(1).max(4000).optional().describe('Working copy; relative to the project folder'),
    name: RepositoryName.optional().describe('Default: folder name'),
    remote_url: z.string().max(2000).optional(),
    subpath: z.string().max(1000).optional().describe('Folder of the package'),
    default_branch: z.string().max(200).optional(),
    description: z.string().max(2000).optional(),
    owners: z.array(z.string().min(1).max(200)).max(50).optional(),
  }),
  output: z.object({
    name: RepositoryName,
    created: z.boolean(),
    notes: z.array(z.string()).optional().describe('What may be other than expected'),
    path: z.string().optional(),
    subpath: z.string(),
    remote_url: z.string().optional(),
    default_branch: z.string().optional(),
    languages: z.array(z.object({ name: z.string(), files: z.int32() })),
    packages: z.array(z.object({ name: z.string(), ecosystem: z.string(), path: z.string() })),
    checks: z.array(z.object({ kind: z.string(), command: z.string(), source: z.string() })),
    next: Next,
  }),
  summarize: ({ name, created, checks, notes = [] }) =>
    [`${created ? 'Registered' : 'Updated'} ${name}; ${checks.length} check command(s) known.`, ...notes].join(' '),
  async run(input, { service, caller, probe, project, signal, request, cut }) {
    const { registerRepository } = await import('../../domain/repository/repository.ts')
    const { readOutlook } = await import('../../domain/outlook.ts')
    const { unregisteredPackages } = await import('../../domain/repository/read.ts')
    const { remote_url: remoteUrl, default_branch: defaultBranch, path, ...rest } = input
    const { repository, created, notes } = await registerRepository(
      service,
      caller,
      { ...rest, path: path === undefined ? undefined : resolve(project, pathOf(path)), remoteUrl, defaultBranch },
      probe,
      signal,
      request,
    )
    const [packageFolder] =
      repository.path === undefined ? [] : await unregisteredPackages(service, caller, repository.path)
    const { prds } = await readOutlook(service, caller, {})
    const page = `speki://repository/${repository.name}`
    const checks = repository.commands.map((command) => ({
      kind: command.kind,
      command: command.argv.join(' '),
      source: command.source,
    }))
    return {
      name: repository.name,
      created,
      ...(notes.length > 0 && { notes: [...notes] }),
      path: repository.path,
      subpath: repository.subpath,
      remote_url: repository.remoteUrl,
      default_branch: repository.defaultBranch,
      languages: cut.list('languages', repository.languages, { rows: 10 }, `Read ${page}`, asIs),
      packages: cut.list('packages', repository.packages, { chars: 4000 }, `Read ${page}`, (entry) => ({
        name: entry.name,
        ecosystem: entry.ecosystem,
        path: entry.path,
      })),
      checks,
      next: [
        ...(checks.length === 0 ? [`Ask a person: speki repository commands ${repository.name} --test "…"`] : []),
        ...(prds === 0
          ? [step('prd_create', { title: BLANK, body: BLANK, repositories: [repository.name] })]
          : await firstWork(service, caller)),
        ...(packageFolder === undefined
          ? prds === 0
            ? [step('repository_register', { path: BLANK })]
            : []
          : [step('repository_register', { path: repository.path, subpath: packageFolder })]),
      ],
    }
  },
})

/** Some clients name folders by their URI. */
function pathOf(path: string): string {
  // What is no URI of this machine stays as it is and is refused as a path.
  return path.startsWith('file:///') ? (tryParse(() => fileURLToPath(path)) ?? path) : path
}
