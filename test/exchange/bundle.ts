import type { Principal } from '../../schemas/actor.ts'
import type { Bundle, BundlePrd, BundleTask } from '../../schemas/bundle.ts'
import type { Service } from '../../src/domain/service.ts'
import { type ImportOutcome, importBundle, WITHOUT_PREVIEW } from '../../src/exchange/import-bundle.ts'
import { person } from '../domain/plan/workspace.ts'

/** The tool that these bundles came from. */
export const BEADS = { name: 'beads', title: 'Beads' } as const

export function prd(ref: string, change: Partial<BundlePrd> = {}): BundlePrd {
  return {
    ref,
    title: `Title of ${ref}`,
    kind: 'prd',
    state: 'draft',
    body: `# ${ref}\n\n## Requirements\n\n- FR-1: The page lists orders.\n- FR-2: The page prints labels.\n`,
    repositories: [],
    owners: ['ann'],
    created_at: 1_700_000_000_000,
    updated_at: 1_700_000_100_000,
    extra: { labels: ['x'] },
    ...change,
  }
}

export function task(ref: string, change: Partial<BundleTask> = {}): BundleTask {
  return {
    ref,
    title: `Title of ${ref}`,
    description: 'Text\n\n## Not a heading of ours\n\n\\# nor this\n```yaml\nx: 1\n```',
    status: 'todo',
    acceptance_criteria: ['It lists 20 orders'],
    test_cases: ['lists_20'],
    requirements: [],
    depends_on: [],
    complexity: 'medium',
    priority: 50,
    context: { files: ['src/a.ts'], notes: 'a ``` b' },
    notes: [{ text: 'Looked at it', by: 'bob', at: 1_700_000_050_000 }],
    created_at: 1_700_000_000_000,
    updated_at: 1_700_000_060_000,
    extra: {},
    ...change,
  }
}

export function bundle(change: Partial<Bundle> = {}): Bundle {
  return {
    format: 'beads',
    prds: [prd('a'), prd('b', { kind: 'tech_spec', parent: 'a', state: 'completed' })],
    tasks: [
      task('t1', { prd: 'a', requirements: ['FR-1'], alias: 'US-001', status: 'done', finished_at: 1_700_000_070_000 }),
      task('t2', { prd: 'a', requirements: ['FR-1', 'FR-2'], depends_on: ['t1'], extra: { labels: [1] } }),
      task('t3', { depends_on: ['t2', 't1'], status: 'blocked', block_reason: 'no answer' }),
    ],
    knowledge: [
      {
        ref: 'k1',
        kind: 'lesson',
        category: 'testing',
        text: 'Seed\n\n## it',
        by: 'bob',
        at: 1_700_000_000_000,
        extra: { a: null },
      },
      {
        ref: 'k2',
        kind: 'suggestion',
        category: 'api',
        text: 'Try',
        task: 't2',
        by: 'ann',
        at: 1_700_000_000_001,
        extra: {},
      },
    ],
    homeless: [],
    ...change,
  }
}

export async function run(
  service: Service,
  what: Bundle,
  caller: Principal = person,
  confirm?: string | typeof WITHOUT_PREVIEW,
): Promise<ImportOutcome> {
  return await importBundle(service, caller, {
    bundle: what,
    format: { name: what.format, title: BEADS.title },
    root: '/somewhere/project',
    repositoryId: 1,
    ...(confirm !== undefined && { confirm }),
  })
}

export async function imported(service: Service, what: Bundle, caller?: Principal): Promise<ImportOutcome> {
  return await run(service, what, caller, WITHOUT_PREVIEW)
}
