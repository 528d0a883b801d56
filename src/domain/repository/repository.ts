import { basename } from 'node:path'
import { actorOf, type Principal } from '../../../schemas/actor.ts'
import {
  type CheckCommand,
  CheckKind,
  type Repository,
  type RepositoryFacts,
  type RepositoryHealth,
  RepositoryName,
} from '../../../schemas/repository.ts'
import { SpekiError } from '../../errors.ts'
import { BLANK, hint, step } from '../../step.ts'
import type { Reader } from '../../store/database.ts'
import { appendEvent } from '../../store/events.ts'
import {
  insertRepository,
  listRepositories,
  listRepositoryNames,
  type RepositoryFields,
  type RepositoryRecord,
  updateRepository,
} from '../../store/repositories.ts'
import { demand } from '../access/can.ts'
import { consult, type Request, type Service, transact } from '../service.ts'

/** What looking at a working copy tells; `root` and `commonDir` are real paths. */
export interface Inspection {
  readonly root: string
  /** Real path of what was asked for, in it. */
  readonly folder?: string | undefined
  /** The working copy that this one is a linked worktree of, where it is one. */
  readonly main?: string | undefined
  /** What was asked for, or the package whose folder the path is; `.` for the whole. */
  readonly subpath: string
  readonly commonDir: string
  /** Id of the first commit: the same wherever the repository lies. Absent before there is one. */
  readonly firstCommit?: string | undefined
  readonly facts: RepositoryFacts
}

/** What stands in a repository, by name. */
export interface RepositoryMap {
  readonly paths: readonly string[]
  readonly symbols: readonly { readonly name: string; readonly file: string }[]
}

/** How services look at the outside world; `app.ts` fills these with git and detection. */
export interface RepositoryProbe {
  /** Throws `invalid_input` or `not_found` for what is no working copy. Reads only. */
  inspect(path: string, subpath: string | undefined, signal: AbortSignal): Promise<Inspection>
  /** Throws `invalid_input` for a URL that git could be made to run programs with. Returns it without credentials. */
  checkRemoteUrl(url: string): Promise<string>
  /** Whether the registered path still holds the registered repository. */
  health(
    repository: Pick<RepositoryRecord, 'root' | 'firstCommit' | 'subpath'>,
    signal: AbortSignal,
  ): Promise<RepositoryHealth>
  /** Paths and symbols, the evidence by which requirements are placed; undefined where there is no local path. */
  map(repository: Pick<RepositoryRecord, 'root' | 'subpath'>, signal: AbortSignal): Promise<RepositoryMap | undefined>
}

export interface Registration {
  readonly name?: string | undefined
  readonly path?: string | undefined
  readonly remoteUrl?: string | undefined
  readonly subpath?: string | undefined
  readonly defaultBranch?: string | undefined
  readonly description?: string | undefined
  readonly owners?: readonly string[] | undefined
  /** Replace detected commands of the same kind; people only. */
  readonly commands?: readonly CheckCommand[] | undefined
}

const NOTHING_KNOWN: RepositoryFacts = { languages: [], packages: [], commands: [] }

/** The shape people and agents see. */
export function presentRepository(record: RepositoryRecord): Repository {
  return {
    name: record.name,
    ...(record.root !== undefined && { path: record.root }),
    subpath: record.subpath,
    ...(record.remoteUrl !== undefined && { remoteUrl: record.remoteUrl }),
    ...(record.defaultBranch !== undefined && { defaultBranch: record.defaultBranch }),
    description: record.description,
    owners: [...record.owners],
    languages: record.facts.languages,
    packages: record.facts.packages,
    commands: effectiveCommands(record),
    revision: record.revision,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
  }
}

/** Commands a person set win over detected ones of the same kind, what they switched off does not run; cheap kinds first. */
export function effectiveCommands(record: Pick<RepositoryRecord, 'commands' | 'facts'>): CheckCommand[] {
  const replaced = new Set(record.commands.map((command) => command.kind))
  const commands = [...record.commands, ...record.facts.commands.filter((command) => !replaced.has(command.kind))]
  return commands
    .filter(({ off }) => off === undefined)
    .sort((a, b) => CheckKind.options.indexOf(a.kind) - CheckKind.options.indexOf(b.kind))
}

/** What a person switched off, each with its reason. */
export function switchedOffCommands(record: Pick<RepositoryRecord, 'commands'>): readonly CheckCommand[] {
  return record.commands.filter(({ off }) => off !== undefined)
}

/** Adds a repository, or updates the one of that name. Says which it was, and what may be other than expected. */
export async function registerRepository(
  service: Service,
  caller: Principal,
  input: Registration,
  probe: RepositoryProbe,
  signal: AbortSignal,
  request?: Request,
): Promise<{ readonly repository: Repository; readonly created: boolean; readonly notes: readonly string[] }> {
  if (input.commands !== undefined) demand(caller, 'repository.set_commands')
  const remoteUrl = input.remoteUrl === undefined ? undefined : await probe.checkRemoteUrl(input.remoteUrl)
  const known = await consult(service, caller, 'repository.read', listRepositories)
  const target = input.name === undefined ? undefined : known.find((entry) => entry.name === input.name)
  const path = input.path ?? target?.root
  const named = input.subpath ?? target?.subpath
  const asked = named === undefined ? undefined : normalizeSubpath(named)
  const looked = path === undefined ? undefined : await probe.inspect(path, asked, signal)
  const inspection = looked && (await atHome(looked, known, probe, signal))
  const subpath = asked ?? inspection?.subpath ?? '.'
  if (inspection === undefined && remoteUrl === undefined && target === undefined) {
    throw new SpekiError('invalid_input', 'A repository needs a path or a remote_url.', {
      hint: 'Give the absolute path of its working copy.',
    })
  }

  const settled = new Set<number>()
  for (const entry of known)
    if (
      inspection?.firstCommit !== undefined &&
      entry.firstCommit === inspection.firstCommit &&
      (await probe.health(entry, signal)) === 'ok'
    )
      settled.add(entry.id)
  return await transact(
    service,
    caller,
    'repository.register',
    async (tx, now) => {
      const records = await listRepositories(tx)
      const existing = findTarget(records, input, inspection, subpath, settled)
      const twin =
        inspection &&
        records.find(
          (entry) => entry !== existing && entry.commonDir === inspection.commonDir && entry.subpath === subpath,
        )
      if (twin !== undefined) {
        throw new SpekiError(
          'conflict',
          `${inspection?.root} (subpath ${subpath}) is already registered as "${twin.name}".`,
          {
            hint: hint`Update it with ${step('repository_register', { name: twin.name })}, or give another subpath.`,
          },
        )
      }
      const facts = inspection?.facts ?? existing?.facts ?? NOTHING_KNOWN
      const fields: RepositoryFields = {
        name: existing?.name ?? freeName(records, input.name ?? deriveName(inspection, subpath, remoteUrl)),
        root: inspection?.root ?? existing?.root,
        commonDir: inspection?.commonDir ?? existing?.commonDir,
        firstCommit: inspection?.firstCommit ?? existing?.firstCommit,
        subpath,
        remoteUrl: remoteUrl ?? existing?.remoteUrl ?? facts.remoteUrl,
        defaultBranch: input.defaultBranch ?? existing?.defaultBranch ?? facts.defaultBranch,
        description: input.description ?? existing?.description ?? '',
        owners: input.owners ?? existing?.owners ?? [],
        facts,
        commands: input.commands ?? existing?.commands ?? [],
        revision: (existing?.revision ?? 0) + 1,
        createdAt: existing?.createdAt ?? now,
        updatedAt: now,
      }
      const id = existing?.id ?? (await insertRepository(tx, fields))
      if (existing !== undefined) await updateRepository(tx, id, fields)
      await appendEvent(tx, {
        at: now,
        type: existing === undefined ? 'repository.registered' : 'repository.updated',
        subject: fields.name,
        repositoryId: id,
        actor: actorOf(caller),
        revision: fields.revision,
        payload: {
          path: fields.root,
          subpath,
          ...(existing?.root !== fields.root && existing?.root !== undefined && { movedFrom: existing.root }),
          ...(input.commands !== undefined && {
            commands: fields.commands.map(({ kind, argv, off }) => ({ kind, command: argv.join(' '), off })),
          }),
        },
      })
      return {
        repository: presentRepository({ id, ...fields }),
        created: existing === undefined,
        notes: notesOf({ looked, existing, fields }, records, settled),
      }
    },
    request,
  )
}

/**
 * The same as it is in the working copy that stands for the repository: the one that is registered and still there, else the main
 * one. A linked worktree comes and goes with a branch, so that nothing is registered by it where there is another.
 */
async function atHome(
  looked: Inspection,
  known: readonly RepositoryRecord[],
  probe: RepositoryProbe,
  signal: AbortSignal,
): Promise<Inspection> {
  let home = looked.main ?? looked.root
  for (const { root, commonDir, firstCommit } of known)
    if (commonDir === looked.commonDir && (await probe.health({ root, firstCommit, subpath: '.' }, signal)) === 'ok')
      home = root ?? home
  return home === looked.root ? looked : await probe.inspect(home, looked.subpath, signal)
}

/** What may be other than whoever registered it expects, one sentence each. */
function notesOf(
  of: {
    readonly looked: Inspection | undefined
    readonly existing: RepositoryRecord | undefined
    readonly fields: RepositoryFields
  },
  records: readonly RepositoryRecord[],
  settled: ReadonlySet<number>,
): readonly string[] {
  const { looked, existing, fields } = of
  const { root = '', subpath, commonDir } = fields
  const notes: string[] = []
  if (looked !== undefined && looked.root !== root)
    notes.push(`${looked.root} is a linked worktree: the repository is registered at ${root}, and stays there.`)
  if (subpath !== '.') notes.push(`It stands for the package in ${subpath} of ${root}, not for all of it.`)
  else if (looked?.folder !== undefined && looked.folder !== looked.root)
    notes.push(`There is no package of its own at ${looked.folder}: the whole repository at ${root} is registered.`)
  const twin = records.find(
    (entry) => settled.has(entry.id) && entry.id !== existing?.id && entry.commonDir !== commonDir,
  )
  if (twin !== undefined)
    notes.push(`It begins with the same commit as "${twin.name}", which stays registered at ${twin.root}.`)
  if (existing?.root !== undefined && existing.root !== root) notes.push(`It moved here from ${existing.root}.`)
  return notes
}

/**
 * The named one; without a name, the one that is this very repository, also when it moved. One that is still where it was has
 * not moved: what shares its first commit is another clone, or comes from the same template.
 */
function findTarget(
  records: readonly RepositoryRecord[],
  input: Registration,
  inspection: Inspection | undefined,
  subpath: string,
  settled: ReadonlySet<number>,
) {
  if (input.name !== undefined) return records.find((entry) => entry.name === input.name)
  if (inspection === undefined) return undefined
  return (
    records.find((entry) => entry.commonDir === inspection.commonDir && entry.subpath === subpath) ??
    records.find(
      (entry) =>
        entry.firstCommit !== undefined &&
        entry.firstCommit === inspection.firstCommit &&
        entry.subpath === subpath &&
        !settled.has(entry.id),
    )
  )
}

function normalizeSubpath(subpath: string): string {
  const parts = subpath
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
  if (parts.includes('..') || /^([A-Za-z]:|\/)/.test(subpath)) {
    throw new SpekiError('invalid_input', `The subpath "${subpath}" leaves the repository.`, {
      hint: 'Give a folder inside it, for example packages/api.',
    })
  }
  return parts.length === 0 ? '.' : parts.join('/')
}

function deriveName(inspection: Inspection | undefined, subpath: string, remoteUrl: string | undefined): string {
  const source = subpath !== '.' ? subpath : (inspection?.root ?? remoteUrl ?? 'repository')
  const name = basename(source)
    .replace(/\.git$/, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100)
  return name === '' ? 'repository' : name
}

function freeName(records: readonly RepositoryRecord[], wanted: string): string {
  const name = RepositoryName.parse(wanted)
  const taken = records.find((entry) => entry.name.toLowerCase() === name.toLowerCase())
  if (taken === undefined) return name
  throw new SpekiError(
    'conflict',
    `The name "${taken.name}" stands for another repository (${taken.root ?? taken.remoteUrl}).`,
    {
      hint: 'Give this one another name.',
    },
  )
}

/** Finds by name, or by a prefix that only one name has. Throws `not_found` with the names there are. */
export async function resolveRepository(
  reader: Reader,
  nameOrPrefix: string,
): Promise<{ readonly id: number; readonly name: string }> {
  const records = await listRepositoryNames(reader)
  const wanted = nameOrPrefix.toLowerCase()
  const exact =
    records.find((entry) => entry.name === nameOrPrefix) ?? records.find((entry) => entry.name.toLowerCase() === wanted)
  if (exact !== undefined) return exact
  const candidates = records.filter((entry) => entry.name.toLowerCase().startsWith(wanted))
  const [only] = candidates
  if (only !== undefined && candidates.length === 1) return only
  if (candidates.length > 1) {
    throw new SpekiError(
      'invalid_input',
      `"${nameOrPrefix}" could be ${candidates.map((entry) => entry.name).join(', ')}.`,
      { hint: 'Write the whole name.' },
    )
  }
  const names = records.slice(0, 20).map((entry) => entry.name)
  throw new SpekiError('not_found', `There is no repository "${nameOrPrefix}".`, {
    hint:
      names.length === 0
        ? hint`Register one with ${step('repository_register', { path: BLANK })}.`
        : hint`Known: ${names.join(', ')}. Register another with ${step('repository_register', { path: BLANK })}.`,
  })
}
