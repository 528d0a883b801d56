import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Principal } from '../../../schemas/actor.ts'
import { CheckResult } from '../../../schemas/evidence.ts'
import type { CheckCommand } from '../../../schemas/repository.ts'
import type { TestCase } from '../../../schemas/test-report.ts'
import { effectiveCommands } from '../../domain/repository/repository.ts'
import { consult, transact } from '../../domain/service.ts'
import { changesSeen } from '../../git/tree.ts'
import { addWorktree, removeWorktree } from '../../git/worktree/worktrees.ts'
import { markOfFolder } from '../../process/process-list.ts'
import type { RepositoryRecord } from '../../store/repositories.ts'
import { type BaselineKey, findBaseline, saveBaseline } from '../../store/run/baselines.ts'
import { type CheckRun, DEFAULT_LIMITS, NO_TEST_RAN, runChecks } from '../../validation/run-checks.ts'
import type { ExecutionContext } from '../context.ts'
import { providersOf } from '../joint/providers.ts'
import { closeSiblings, openSiblings } from '../joint/siblings.ts'
import { scratchFolder, worktreeIn } from '../places.ts'
import { installSandbox, sandboxFor } from '../sandbox.ts'
import { MISSING_DEPENDENCY, missingLines } from './missing-here.ts'

/** How a check went on a commit before anybody worked on it: once per run. */
const BaselineCheck = z.object({
  command: z.array(z.string()),
  runs: z.array(
    z.object({
      status: CheckResult.shape.status,
      /** Ids of red tests; absent where the check's report could not be read. */
      failed: z.array(z.string()).optional(),
      firstError: z.string().optional(),
      /** Lines that name what was missing where it ran. */
      missing: z.array(z.string()).optional(),
      durationMs: z.number().optional(),
      /** Ids of green tests, as far as they are kept; absent where the check's report could not be read. */
      green: z.array(z.string()).optional(),
    }),
  ),
})
const Baseline = z.object({
  checks: z.array(BaselineCheck),
  /** What the checks left lying about that git sees: paths, of new folders the folder with a slash. */
  left: z.array(z.string()),
  /** Tracked files that the checks write anew whenever they run. */
  stamped: z.array(z.string()),
})
export type Baseline = z.infer<typeof Baseline>

/** Changes with what a baseline holds and how checks run: older ones are measured again. */
const MEASURE = 2

/** Twice shows what flips. */
const RUNS = 2

/** More green tests than that are not kept by name. */
const MAX_IDS = 5000

/** More paths that checks leave are not kept. */
const MAX_PATHS = 1000

/** A check that ran. */
export interface Checked extends CheckResult {
  /** Ids of its green tests; absent where they are not known. */
  readonly green?: readonly string[]
}

/** How a check went on the base; empty where it is not known. */
export function runsBefore(baseline: Baseline, argv: readonly string[]): Baseline['checks'][number]['runs'] {
  return baseline.checks.find(({ command }) => isSame(command, argv))?.runs ?? []
}

export function isSame(command: readonly string[], argv: readonly string[]): boolean {
  return command.join('\0') === argv.join('\0')
}

/** The baseline of a commit: as stored, or from running every check on it twice in a worktree of its own. */
export async function baselineOf(
  context: ExecutionContext,
  caller: Principal,
  repository: RepositoryRecord & { readonly root: string },
  commit: string,
  signal: AbortSignal,
): Promise<Baseline> {
  const known = await knownBaseline(context, caller, repository, commit)
  if (known !== undefined) return known
  const commands = effectiveCommands(repository)
  const key = baselineKey(repository.id, commit, commands)
  const { rounds, ...traces } = await runOnCommit(context, caller, repository, commit, RUNS, signal)
  const baseline = fromRounds(commands, rounds, traces)
  await transact(
    context.service,
    caller,
    'repository.measure',
    async (tx, now) => await saveBaseline(tx, key, baseline, now),
  )
  return baseline
}

/** The baseline of a commit, where it was measured before with the checks that count now. */
export async function knownBaseline(
  { service }: ExecutionContext,
  caller: Principal,
  repository: RepositoryRecord,
  commit: string,
): Promise<Baseline | undefined> {
  const key = baselineKey(repository.id, commit, effectiveCommands(repository))
  const stored = await consult(service, caller, 'repository.read', (reader) => findBaseline(reader, key))
  return Baseline.safeParse(stored).data
}

/** What was proven of a commit when it landed is the baseline of what comes after it. */
export async function keepAsBaseline(
  context: ExecutionContext,
  caller: Principal,
  repository: RepositoryRecord,
  commit: string,
  checks: readonly Checked[],
  before: Pick<Baseline, 'left' | 'stamped'>,
): Promise<void> {
  const commands = effectiveCommands(repository)
  const key = baselineKey(repository.id, commit, commands)
  const baseline = fromRounds(commands, [checks], before)
  await transact(
    context.service,
    caller,
    'repository.measure',
    async (tx, now) => await saveBaseline(tx, key, baseline, now),
  )
}

/** What checks showed of a commit, and what they left. */
interface Measured extends Pick<Baseline, 'left' | 'stamped'> {
  readonly rounds: readonly (readonly Checked[])[]
}

/** Runs the checks of a repository on a commit several times, each in fresh processes. */
export async function runOnCommit(
  context: ExecutionContext,
  caller: Principal,
  repository: RepositoryRecord & { readonly root: string },
  commit: string,
  times: number,
  signal: AbortSignal,
  commands: readonly CheckCommand[] = effectiveCommands(repository),
): Promise<Measured> {
  const folder = scratchFolder(context.folder, 'baseline', `${repository.id}-${commit.slice(0, 12)}`)
  const { neighbours, siblings } = await providersOf(context, caller, repository, new Map(), [], signal)
  const path = worktreeIn(folder, repository.root)
  const place = { path, branch: undefined, commit, within: context.folder }
  try {
    await addWorktree(repository.root, place, signal)
    const own = [repository, ...siblings].map((each) => ({ repository: each, worktree: place.path }))
    const inside = installSandbox(context, caller, folder)
    const { environment } = await openSiblings(folder, neighbours, own, inside, signal)
    const before = await changesSeen(place.path, signal)
    const beside = { repository, worktree: place.path, beside: folder }
    const sandbox = await sandboxFor(context, caller, { role: 'check' }, beside)
    const rounds: Checked[][] = []
    for (let round = 0; round < times; round += 1) {
      const mark = markOfFolder(folder)
      const run = { worktree: place.path, subpath: repository.subpath, commands, mark, sandbox, ...DEFAULT_LIMITS }
      rounds.push(await runNoting({ ...run, environment }, signal))
    }
    const after = [...(await changesSeen(place.path, signal))].filter(([path]) => !before.has(path))
    const seen = (isNew: boolean) =>
      after.flatMap(([path, how]) => ((how === '??') === isNew ? [path] : [])).slice(0, MAX_PATHS)
    return { rounds, left: seen(true), stamped: seen(false) }
  } finally {
    await removeWorktree(repository.root, place, AbortSignal.timeout(60_000))
    await closeSiblings(
      folder,
      neighbours.map((at) => at.repository),
      AbortSignal.timeout(60_000),
    )
  }
}

/** Runs checks and keeps the names of what was green. */
export async function runNoting(run: CheckRun, signal: AbortSignal): Promise<Checked[]> {
  const checked: Checked[] = []
  const note = (result: CheckResult, tests: readonly TestCase[]) => {
    const green = tests.filter(({ status }) => status === 'passed').map(({ id }) => id)
    checked.push({ ...result, green })
  }
  await runChecks(run, note, signal)
  return checked
}

function fromRounds(
  commands: readonly CheckCommand[],
  rounds: readonly (readonly Checked[])[],
  { left, stamped }: Pick<Baseline, 'left' | 'stamped'>,
): Baseline {
  const checks = commands.map(({ argv }) => ({
    command: argv,
    runs: rounds.flatMap((results) => {
      const result = results.find((other) => isSame(other.argv, argv))
      if (result === undefined) return []
      const { green = [] } = result
      const failed = failedTests(result)
      const missing = result.status === 'passed' ? [] : missingLines(`${result.firstError ?? ''}\n${result.outputTail}`)
      return [
        {
          status: result.status,
          durationMs: Math.round(result.durationMs),
          ...(failed !== undefined && { failed: [...failed] }),
          ...(result.firstError !== undefined && { firstError: result.firstError }),
          ...(missing.length > 0 && { missing: [...missing] }),
          ...(green.length > 0 && { green: green.toSorted().slice(0, MAX_IDS) }),
        },
      ]
    }),
  }))
  return { checks, left, stamped }
}

function baselineKey(repositoryId: number, commit: string, commands: readonly CheckCommand[]): BaselineKey {
  const measured = [MEASURE, ...commands.map(({ argv }) => argv)]
  const digest = createHash('sha256').update(JSON.stringify(measured))
  return { repositoryId, commit, commands: digest.digest('hex') }
}

/** Ids of the red tests of a check; undefined where it has no readable report. */
function failedTests(result: CheckResult): readonly string[] | undefined {
  if (result.status === 'passed') return []
  return result.cases?.filter(({ status }) => status === 'failed').map(({ id }) => id)
}

/**
 * Why a red check is not the fault of the work: every red test was red, or flipped, before it. Undefined where something
 * is red that was green, or where nobody can tell. `wanted` are tests that the task is to make green: these have no excuse.
 */
export function excuseOf(result: CheckResult, baseline: Baseline, wanted: readonly string[] = []): string | undefined {
  const before = runsBefore(baseline, result.argv)
  if (result.status === 'passed' || before.length === 0) return undefined
  // Without tests or dependencies nothing was judged, neither before nor now.
  if (result.firstError === NO_TEST_RAN) return undefined
  if (MISSING_DEPENDENCY.test(`${result.firstError ?? ''} ${result.outputTail}`)) return undefined
  const now = failedTests(result)
  if (now === undefined || now.length === 0) {
    const same = before.every((run) => run.status === result.status && run.firstError === result.firstError)
    return same ? `red in the same way on the base: ${result.firstError ?? result.status}` : undefined
  }
  const known = new Set(before.flatMap(({ failed }) => failed ?? []))
  const isWanted = (id: string) => wanted.some((name) => name !== '' && id.includes(name))
  if (!now.every((id) => known.has(id) && !isWanted(id))) return undefined
  return `red or flaky on the base too: ${now.slice(0, 5).join(', ')}${now.length > 5 ? ' …' : ''}`
}
