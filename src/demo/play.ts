import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { z } from 'zod'
import { connect, type DemoClient, programFile } from './client.ts'
import { report } from './report.ts'
import { playRun } from './second-act.ts'
import { RECEIPT } from './second-story.ts'
import { BODY, REPOSITORIES, TITLE } from './story.ts'

const Created = z.object({ id: z.string(), requirements: z.number() })
const Verdict = z.object({ verdict: z.string(), total: z.number() })
const Draft = z.object({
  base_revision: z.number(),
  tasks: z.array(
    z.looseObject({ ref: z.string(), title: z.string(), repository: z.string(), depends_on: z.array(z.string()) }),
  ),
  questions: z.array(z.string()),
})
const Accepted = z.object({ plan: z.string(), created_total: z.number() })

/** Plays the lifecycle and tells of it; true only if all of it held. */
export async function playDemo(options: {
  readonly keep: boolean
  readonly write: (text: string) => void
}): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'speki-demo-'))
  const database = join(folder, 'data', 'speki.db')
  const started = performance.now()
  const say = (text: string) =>
    options.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s  ${text}\n`)
  options.write('SPEKI demo: a PRD over two git repositories, two workers in two processes, one MCP server each.\n')
  options.write('Scripted: the text of the PRD and the edits, where an agent would think. Real: everything else.\n\n')
  try {
    const paths = await createRepositories(folder)
    say(
      `made ${paths.length} git repositories: ${[...REPOSITORIES, RECEIPT].map((repository) => repository.name).join(', ')}`,
    )
    const planner = await connect('planner', database)
    try {
      const prd = await plan(planner, paths, say)
      await runWorkers(database, prd, say)
      const held = await report(planner, prd, paths.slice(0, REPOSITORIES.length), { say, write: options.write })
      options.write(
        '\nAnd now nobody: a run over three repositories, one agent a task, one of them wrong at first.\n\n',
      )
      const facts = await playRun(planner, folder, say)
      options.write('\n')
      for (const [fact, holds] of facts) options.write(`  ${holds ? '✓' : '✗'} ${fact}\n`)
      const all = held && facts.every(([, holds]) => holds)
      options.write('\n')
      say(all ? 'All of it holds.' : 'Something does not hold; see above.')
      return all
    } finally {
      await planner.close()
    }
  } catch (error) {
    say(`FAILED: ${error instanceof Error ? error.message : String(error)}`)
    return false
  } finally {
    if (options.keep) options.write(`\nKept: ${folder}\n`)
    else await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

async function createRepositories(folder: string): Promise<readonly string[]> {
  const paths: string[] = []
  for (const repository of [...REPOSITORIES, RECEIPT]) {
    const path = join(folder, repository.name)
    for (const [name, content] of Object.entries(repository.files)) {
      await mkdir(dirname(join(path, name)), { recursive: true })
      await writeFile(join(path, name), content)
    }
    await execa('git', ['init', '--quiet', '--initial-branch=main'], { cwd: path })
    await execa('git', ['config', 'user.name', 'SPEKI demo'], { cwd: path })
    await execa('git', ['config', 'user.email', 'demo@speki.invalid'], { cwd: path })
    await execa('git', ['add', '--all'], { cwd: path })
    await execa('git', ['commit', '--quiet', '--message', 'Begin'], { cwd: path })
    paths.push(path)
  }
  // What npm would do for "file:../pricing".
  for (const [user, used] of [
    ['till', 'pricing'],
    ['receipt', 'till'],
  ] as const) {
    await mkdir(join(folder, user, 'node_modules'))
    await symlink(join('..', '..', used), join(folder, user, 'node_modules', used), 'dir')
  }
  return paths
}

async function plan(planner: DemoClient, paths: readonly string[], say: (text: string) => void): Promise<string> {
  for (const path of paths.slice(0, REPOSITORIES.length)) await planner.call('repository_register', { path })
  say('registered pricing and till; check commands were found in their package.json')
  const names = REPOSITORIES.map((repository) => repository.name)
  const { id, requirements } = Created.parse(
    await planner.call('prd_create', { title: TITLE, body: BODY, repositories: names }),
  )
  say(`created ${id} "${TITLE}" with ${requirements} requirements`)
  const { verdict, total } = Verdict.parse(await planner.call('prd_check', { id }))
  say(`checked it: ${verdict}, ${total} findings`)
  const draft = Draft.parse(await planner.call('plan_draft', { prd: id }))
  say(
    `drafted a plan: ${draft.tasks.map((task) => `${task.ref} in ${task.repository}${task.depends_on.length > 0 ? ` after ${task.depends_on.join(', ')}` : ''}`).join('; ')}`,
  )
  const accepted = Accepted.parse(
    await planner.call('plan_submit', { prd: id, base_revision: draft.base_revision, tasks: draft.tasks }),
  )
  say(`submitted it: ${accepted.plan} accepted with ${accepted.created_total} tasks`)
  return id
}

/** One process a repository; each line they print is told on. */
async function runWorkers(database: string, prd: string, say: (text: string) => void): Promise<void> {
  await Promise.all(
    REPOSITORIES.map(async ({ name }) => {
      const worker = execa(process.execPath, [programFile(), 'demo-worker', `worker-${name}`, database, name, prd], {
        stdin: 'ignore',
        stderr: 'inherit',
        buffer: false,
      })
      const lines = createInterface({ input: worker.stdout })
      lines.on('line', say)
      await worker
    }),
  )
}
