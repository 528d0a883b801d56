import { z } from 'zod'
import { Instant, Revision } from './key.ts'

/** What a check proves. The order is the order in which checks run: cheap first. */
export const CheckKind = z.enum(['format', 'lint', 'types', 'build', 'test'])
export type CheckKind = z.infer<typeof CheckKind>

/** A program and its arguments, run in the repository's folder; what a person wrote for a shell has `sh -c` in front. */
export const CheckCommand = z.object({
  kind: CheckKind,
  argv: z.array(z.string().min(1).max(2000)).min(1).max(50).describe('Program and arguments; no shell reads them'),
  source: z.string().max(300).describe('Where it was found, for example "package.json scripts.test", or "person"'),
  off: z.string().max(500).optional().describe('Why a person switched it off; absent where it runs'),
})
export type CheckCommand = z.infer<typeof CheckCommand>

/** A package that a repository contains, and what it depends on: the ground for contract-first order. */
export const PackageFact = z.object({
  name: z.string().max(300),
  ecosystem: z.string().max(40).describe('npm, python, go, cargo, maven, nuget, ruby, php, elixir, …'),
  path: z.string().max(1000).describe('Folder inside the repository, "." for its root'),
  version: z.string().max(100).optional(),
  dependencies: z.array(z.string().max(300)).max(2000).describe('Names of packages it uses, development ones included'),
})
export type PackageFact = z.infer<typeof PackageFact>

export const ContractKind = z.enum(['openapi', 'asyncapi', 'proto', 'graphql', 'json-schema', 'git', 'path'])
export type ContractKind = z.infer<typeof ContractKind>

/** An interface that a repository describes, or takes from another: the ground for contract-first order beyond packages. */
export const ContractFact = z.object({
  kind: ContractKind,
  /** `owns`: the description is made here; `uses`: a copy, something generated from it, or a reference. */
  role: z.enum(['owns', 'uses']),
  name: z
    .string()
    .max(2000)
    .describe('Title, protobuf package, types of a GraphQL schema, $id, URL of a repository, or path out of this one'),
  path: z.string().max(1000).describe('File in which it shows'),
})
export type ContractFact = z.infer<typeof ContractFact>

/** What inspection of a working copy finds. */
export const RepositoryFacts = z.object({
  languages: z.array(z.object({ name: z.string(), files: z.int() })).describe('Most files first'),
  packages: z.array(PackageFact),
  contracts: z.array(ContractFact).optional().describe('Absent in what was inspected before they were looked for'),
  commands: z.array(CheckCommand),
  defaultBranch: z.string().optional(),
  remoteUrl: z.string().optional(),
  head: z.string().optional().describe('Commit id that was inspected; absent in a repository without commits'),
})
export type RepositoryFacts = z.infer<typeof RepositoryFacts>

export const RepositoryName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'A repository name starts with a letter or digit and has only letters, digits, ".", "_" and "-".',
  )
  .describe('Name, or unique prefix')

/** `ok`: the path is the repository that was registered; `missing`: nothing there; `moved`: something else is there; `remote`: no local path. */
export const RepositoryHealth = z.enum(['ok', 'missing', 'moved', 'remote'])
export type RepositoryHealth = z.infer<typeof RepositoryHealth>

export const Repository = z.object({
  name: RepositoryName,
  path: z.string().optional().describe('Absolute real path of the working copy'),
  subpath: z.string().describe('Folder inside it that this entry stands for; "." for all of it'),
  remoteUrl: z.string().optional(),
  defaultBranch: z.string().optional(),
  description: z.string(),
  owners: z.array(z.string()),
  languages: RepositoryFacts.shape.languages,
  packages: z.array(PackageFact),
  commands: z
    .array(CheckCommand)
    .describe('Effective commands: those a person set replace detected ones of the same kind'),
  revision: Revision,
  createdAt: Instant,
  updatedAt: Instant,
})
export type Repository = z.infer<typeof Repository>
