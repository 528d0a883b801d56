import { z } from 'zod'
import { CheckCommand, RepositoryFacts } from '../../schemas/repository.ts'
import type { Reader, Tx } from './database.ts'
import { storedJson } from './stored.ts'
import type { Tables } from './tables.ts'

const Names = z.array(z.string())
const Commands = z.array(CheckCommand)

/** A repository as stored. `commands` are those a person set; `facts.commands` were detected. */
export interface RepositoryRecord {
  readonly id: number
  readonly name: string
  /** Real path of the working copy's top level. */
  readonly root: string | undefined
  readonly commonDir: string | undefined
  readonly firstCommit: string | undefined
  readonly subpath: string
  readonly remoteUrl: string | undefined
  readonly defaultBranch: string | undefined
  readonly description: string
  readonly owners: readonly string[]
  readonly facts: RepositoryFacts
  readonly commands: readonly CheckCommand[]
  readonly revision: number
  readonly createdAt: number
  readonly updatedAt: number
}

export type RepositoryFields = Omit<RepositoryRecord, 'id'>

function fromRow(row: Omit<Tables['repository'], 'id'> & { id: number }): RepositoryRecord {
  return {
    id: row.id,
    name: row.name,
    root: row.root ?? undefined,
    commonDir: row.common_dir ?? undefined,
    firstCommit: row.first_commit ?? undefined,
    subpath: row.subpath,
    remoteUrl: row.remote_url ?? undefined,
    defaultBranch: row.default_branch ?? undefined,
    description: row.description,
    owners: storedJson(Names, row.owners),
    facts: storedJson(RepositoryFacts, row.facts),
    commands: storedJson(Commands, row.commands),
    revision: row.revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function toRow(fields: RepositoryFields) {
  return {
    name: fields.name,
    root: fields.root ?? null,
    common_dir: fields.commonDir ?? null,
    first_commit: fields.firstCommit ?? null,
    subpath: fields.subpath,
    remote_url: fields.remoteUrl ?? null,
    default_branch: fields.defaultBranch ?? null,
    description: fields.description,
    owners: JSON.stringify(fields.owners),
    facts: JSON.stringify(fields.facts),
    commands: JSON.stringify(fields.commands),
    revision: fields.revision,
    created_at: fields.createdAt,
    updated_at: fields.updatedAt,
  }
}

export async function listRepositories(reader: Reader): Promise<readonly RepositoryRecord[]> {
  return (await reader.sql.selectFrom('repository').selectAll().orderBy('name').execute()).map(fromRow)
}

/** Ids and names only: what most questions about a repository need. */
export async function listRepositoryNames(
  reader: Reader,
): Promise<readonly { readonly id: number; readonly name: string }[]> {
  return await reader.sql.selectFrom('repository').select(['id', 'name']).orderBy('name').execute()
}

export async function findRepository(reader: Reader, id: number): Promise<RepositoryRecord | undefined> {
  const row = await reader.sql.selectFrom('repository').selectAll().where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

export async function insertRepository(tx: Tx, fields: RepositoryFields): Promise<number> {
  return (await tx.sql.insertInto('repository').values(toRow(fields)).returning('id').executeTakeFirstOrThrow()).id
}

export async function updateRepository(tx: Tx, id: number, fields: RepositoryFields): Promise<void> {
  await tx.sql.updateTable('repository').set(toRow(fields)).where('id', '=', id).execute()
}
