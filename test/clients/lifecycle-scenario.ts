import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { answerOf, type Returned, type Step } from './scenario.ts'

/** One PRD over two repositories, as an agent would take it from registration to completion. */

const PRD_BODY = `# Place an order

## Requirements

### FR-001: Price an order [repo: pricing]

The system shall price an order as quantity times price of a piece in cents.

Acceptance criteria:
- Given 3 pieces of 250 cents, when the order is priced, then the price is 750 cents.

### FR-002: Print the receipt [repo: till]

The system shall print the price of an order on the receipt.

Acceptance criteria:
- Given 3 pieces of 250 cents, when the receipt is printed, then it reads "750 cents".
`

interface Repository {
  readonly name: string
  readonly dependencies: Readonly<Record<string, string>>
  /** Committed at the start: red until `work` is done. */
  readonly test: string
  /** What the agent writes. */
  readonly work: { readonly file: string; readonly content: string }
}

const REPOSITORIES: readonly [Repository, Repository] = [
  {
    name: 'pricing',
    dependencies: {},
    test: `import { price } from '../price.js'\n\ntest('3 pieces of 250 cents', () => assert.equal(price(3, 250), 750))\n`,
    work: { file: 'price.js', content: 'export const price = (pieces, cents) => pieces * cents\n' },
  },
  {
    name: 'till',
    dependencies: { pricing: '1.0.0' },
    test: `import { receipt } from '../receipt.js'\n\ntest('reads 750 cents', () => assert.equal(receipt(3, 250), '750 cents'))\n`,
    work: {
      file: 'receipt.js',
      content:
        "import { price } from '../pricing/price.js'\n\nexport const receipt = (pieces, cents) => price(pieces, cents) + ' cents'\n",
    },
  },
]

/** Makes both git repositories below `folder`. */
export function createRepositories(folder: string): void {
  for (const { name, dependencies, test } of REPOSITORIES) {
    const path = join(folder, name)
    const manifest = { name, version: '1.0.0', type: 'module', scripts: { test: 'node --test' }, dependencies }
    const heading = "import assert from 'node:assert/strict'\nimport { test } from 'node:test'\n"
    write(join(path, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
    write(join(path, 'test', 'order.test.js'), heading + test)
    git(path, 'init', '--quiet', '--initial-branch=main')
    git(path, 'add', '--all')
    git(path, 'commit', '--quiet', '--message', 'Begin')
  }
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

function git(path: string, ...args: readonly string[]): void {
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@speki.invalid', ...args], { cwd: path })
}

const Created = z.object({ id: z.string() })
const Draft = z.object({ base_revision: z.number(), tasks: z.array(z.record(z.string(), z.unknown())) })
const Claim = z.object({
  lease: z.object({ token: z.string() }),
  task: z.object({
    id: z.string(),
    repository: z.string(),
    path: z.string(),
    acceptance_criteria: z.array(z.object({ criterion: z.number(), text: z.string() })),
  }),
})

const Status = z.object({ tasks: z.object({ total: z.number(), done: z.number() }) })

const prd = (returned: readonly Returned[]) => answerOf(returned, 'prd_create', Created).id
const claim = (returned: readonly Returned[]) => answerOf(returned, 'task_claim', Claim)

const validate: Step = (returned) => {
  const { task, lease } = claim(returned)
  return { call: 'task_validate', args: { task: task.id, lease_token: lease.token } }
}

const complete: Step = (returned) => {
  const { task, lease } = claim(returned)
  const criteria = task.acceptance_criteria.map(({ criterion, text }) => ({
    criterion,
    met: true,
    how: `test for: ${text}`,
  }))
  const evidence = { summary: `Wrote what ${task.repository} lacked`, criteria }
  return { call: 'task_complete', args: { task: task.id, lease_token: lease.token, evidence } }
}

const work: Step = (returned) => {
  const { task } = claim(returned)
  const repository = REPOSITORIES.find(({ name }) => name === task.repository)
  if (repository === undefined) throw new Error(`no work is known for ${task.repository}`)
  return { write: join(task.path, repository.work.file), content: repository.work.content }
}

/**
 * Status, both repositories, PRD, plan; then for each task claim, work, proof, completion; then status. The first task is
 * tried too early: its checks are red, and its completion is refused.
 */
export function lifecycle(folder: string): readonly Step[] {
  return [
    () => ({ call: 'speki_status', args: {} }),
    ...REPOSITORIES.map(({ name }) => () => ({ call: 'repository_register', args: { path: join(folder, name) } })),
    () => ({
      call: 'prd_create',
      args: { title: 'Place an order', body: PRD_BODY, repositories: REPOSITORIES.map(({ name }) => name) },
    }),
    (returned) => ({ call: 'plan_draft', args: { prd: prd(returned) } }),
    (returned) => {
      const { base_revision, tasks } = answerOf(returned, 'plan_draft', Draft)
      return { call: 'plan_submit', args: { prd: prd(returned), base_revision, tasks } }
    },
    (returned) => ({ call: 'task_claim', args: { prd: prd(returned) } }),
    validate,
    complete,
    work,
    validate,
    complete,
    (returned) => ({ call: 'task_claim', args: { prd: prd(returned) } }),
    work,
    validate,
    complete,
    () => ({ call: 'speki_status', args: {} }),
    (returned) => {
      const { tasks } = answerOf(returned, 'speki_status', Status)
      return { say: `${tasks.done} of ${tasks.total} tasks are done.` }
    },
  ]
}
