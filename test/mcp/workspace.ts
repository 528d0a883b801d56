import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Agent } from './connect.ts'

/** A real git repository with a package.json whose tests are one script file. */
export function makeRepository(
  folder: string,
  name: string,
  options: { readonly dependencies?: Record<string, string>; readonly files?: Record<string, string> } = {},
): string {
  const path = join(folder, name)
  const files: Record<string, string> = {
    'package.json': `${JSON.stringify({ name, version: '1.0.0', type: 'module', scripts: { test: 'node check.js' }, dependencies: options.dependencies }, undefined, 2)}\n`,
    'check.js': `import { ok } from './index.js'\nif (!ok) { console.error('Error: not ok'); process.exit(1) }\n`,
    'index.js': 'export const ok = true\n',
    ...options.files,
  }
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    writeFileSync(join(path, file), content)
  }
  git(path, 'init', '--quiet', '--initial-branch=main')
  git(path, 'add', '--all')
  git(path, 'commit', '--quiet', '--message', 'Begin')
  return path
}

/** A task outside any PRD, ready at once; its id. */
export async function makeTask(
  agent: Pick<Agent, 'ok'>,
  repository: string,
  title: string,
  more: { readonly criterion?: string; readonly depends_on?: readonly string[] } = {},
): Promise<string> {
  const { criterion = 'The check is green', depends_on = [] } = more
  const { id } = await agent.ok<{ id: string }>('task_create', {
    title,
    repository,
    description: title,
    acceptance_criteria: [criterion],
    depends_on,
  })
  return id
}

export function git(path: string, ...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@speki.invalid', ...args], {
    cwd: path,
    encoding: 'utf8',
  })
}

export const BODY = `# Orders

## Requirements

### FR-001: Place an order [repo: api]

The system shall store an order and answer 201.

Acceptance criteria:
- Given a basket, when it is posted, then the answer is 201.

### FR-002: Show the order [repo: web]

The page shall show the number of the order within 2 seconds.

Acceptance criteria:
- Given an answer 201, when the page loads, then the number is shown within 2 seconds.
`

/** Two repositories (web uses api), a PRD over both, its plan accepted as drafted. */
export async function planned(
  agent: Pick<Agent, 'ok'>,
  folder: string,
): Promise<{ api: string; web: string; prd: string }> {
  const api = makeRepository(folder, 'api')
  const web = makeRepository(folder, 'web', { dependencies: { api: '1.0.0' } })
  await agent.ok('repository_register', { path: api })
  await agent.ok('repository_register', { path: web })
  const { id } = await agent.ok<{ id: string }>('prd_create', {
    title: 'Orders',
    body: BODY,
    repositories: ['api', 'web'],
  })
  const draft = await agent.ok<{ base_revision: number; tasks: unknown[] }>('plan_draft', { prd: id })
  await agent.ok('plan_submit', { prd: id, base_revision: draft.base_revision, tasks: draft.tasks })
  return { api, web, prd: id }
}

export interface Claimed {
  readonly claimed: boolean
  readonly lease: { readonly token: string; readonly expires_at: string }
  readonly task: {
    readonly id: string
    readonly title: string
    readonly repository: string
    readonly path: string
    readonly revision: number
    readonly acceptance_criteria: { criterion: number; text: string }[]
  }
}

/** Does something in the working copy that a claim names, so that there is work to judge. */
export function doWork({ task }: Pick<Claimed, 'task'>): void {
  writeFileSync(join(task.path, 'index.js'), `export const ok = '${task.id}'\n`)
}

/** Evidence that answers every criterion. */
export function answers(claim: Claimed): {
  summary: string
  criteria: { criterion: number; met: boolean; how: string }[]
} {
  return {
    summary: 'did it',
    criteria: claim.task.acceptance_criteria.map(({ criterion }) => ({
      criterion,
      met: true,
      how: `test ${criterion}`,
    })),
  }
}
