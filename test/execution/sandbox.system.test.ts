import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findSandboxTool } from '../../src/process/sandbox-tool.ts'
import { CLI, connect, temporaryFolder } from '../mcp/connect.ts'
import { makeRepository, makeTask } from '../mcp/workspace.ts'
import { untilStill } from './progress.ts'

const absent = 'problem' in (await findSandboxTool())

/** A run whose agent is this shell script, beside a home with a secret; `main` is the person's repository. */
async function begin(script: string, ...settings: readonly string[]) {
  const folder = await temporaryFolder()
  const [db, home] = [join(folder, 'speki.db'), join(folder, 'person')]
  mkdirSync(join(home, '.ssh'), { recursive: true })
  writeFileSync(join(home, '.ssh/key'), 'canary\n')
  writeFileSync(join(home, '.gitconfig'), '[user]\n\tname = Person\n\temail = person@speki.invalid\n')
  const agent = await connect({ db, env: { HOME: home, HIDDEN_FROM_AGENTS: 'in-the-worker' } })
  const main = makeRepository(folder, 'api')
  await agent.ok('repository_register', { path: main })
  const task = await makeTask(agent, 'api', 'Export more')
  const sandbox = (...options: readonly string[]) =>
    execFileSync(process.execPath, [CLI, 'sandbox', ...options, '--db', db])
  sandbox('--on')
  if (settings.length > 0) sandbox(...settings)
  const file = join(folder, 'agent.sh')
  writeFileSync(
    file,
    `#!/bin/sh\n[ "$1" = --version ] && exit 0\ncat > /dev/null\nMAIN='${main}'; DB='${db}'\n${script}\n`,
  )
  chmodSync(file, 0o755)
  const start = { tasks: [task], agent: 'command', command: [file], attempts: 1 }
  const { run: id, preflight } = await agent.ok<{ run: string; preflight: { subject: string; level: string; message: string }[] }>('run_start', start) // biome-ignore format: one call
  const { run } = await untilStill(agent, id)
  const seen = join(folder, 'seen')
  return {
    folder,
    main,
    home,
    run,
    preflight,
    lines: existsSync(seen) ? readFileSync(seen, 'utf8').trim().split('\n') : [],
  }
}

const WORK = `echo 'export const more = 1' >> index.js; echo done
`

const REACHING = `say() { echo "$1" >> "$(dirname "$MAIN")/seen"; }
echo x >> "$MAIN/index.js" && say 'wrote the checkout'
git -C "$MAIN" branch mine && say 'made a branch'
git -C "$MAIN" config user.email agent@speki.invalid && say 'changed the settings'
touch "$(dirname "$PWD")/beside" && say 'wrote beside'
cat "$HOME/.ssh/key" && say 'read a key'
test -s "$DB" && cat "$DB" > /dev/null && say 'read the database'
test -e "$DB.execution/worker.log" && say 'saw the log of the worker'
cat /proc/[0-9]*/environ 2> /dev/null | grep -q in-the-worker && say 'read the environment of the worker'
echo x > "$HOME/.profile" && say 'wrote the home, as it seemed'
echo x > "$TMPDIR/x" && say 'wrote what is temporary'
git add -A && git commit -qm 'Try' && say 'made a commit'
`

test.skipIf(absent)('an agent in the sandbox reaches nothing but its work', async () => {
  const { main, home, run, preflight, lines } = await begin(WORK + REACHING)
  expect(lines).toEqual(['wrote the home, as it seemed', 'wrote what is temporary', 'made a commit'])
  expect(run.state).toBe('succeeded')
  expect(existsSync(join(home, '.profile'))).toBe(false)
  expect(readFileSync(join(main, 'index.js'), 'utf8')).not.toContain('x\n')
  // What is as it should be is told by a dry run.
  expect(preflight.filter(({ subject }) => subject === 'sandbox')).toEqual([])
})

test('without the sandbox, by a person and with a reason, that is told', async () => {
  const { run, preflight, lines } = await begin(
    `cat "$HOME/.ssh/key" && echo 'read a key' >> "$(dirname "$MAIN")/seen"\n${WORK}`,
    ...['--off', 'needs a device', '--repository', 'api'],
  )
  expect(lines).toEqual(['read a key'])
  expect(run.state).toBe('succeeded')
  const told = preflight.find(({ subject }) => subject === 'sandbox')
  expect(told).toMatchObject({ level: 'note', message: expect.stringMatching(absent ? /none/ : /needs a device/) })
})

test.skipIf(absent)('checks run inside too, and what a person declared is there', async () => {
  const folder = await temporaryFolder()
  const place = join(folder, 'person', 'declared')
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'data'), 'declared\n')
  writeFileSync(join(folder, 'person', 'other'), 'hidden\n')
  const [db, env] = [join(folder, 'speki.db'), { HOME: join(folder, 'person') }]
  const agent = await connect({ db, env })
  const check = `import { existsSync, readFileSync, writeFileSync } from 'node:fs'
const home = process.env.HOME
if (readFileSync(home + '/declared/data', 'utf8') !== 'declared\\n' || existsSync(home + '/other')) process.exit(1)
try { writeFileSync(home + '/declared/data', 'x'); process.exit(2) } catch {}
`
  await agent.ok('repository_register', { path: makeRepository(folder, 'api', { files: { 'check.js': check } }) })
  const task = await makeTask(agent, 'api', 'Export more')
  execFileSync(process.execPath, [CLI, 'sandbox', '--on', '--read', place, '--db', db])
  const claim = await agent.ok<{ lease: { token: string } }>('task_claim', { task })
  appendFileSync(join(folder, 'api', 'index.js'), 'export const more = 1\n')
  const validation = await agent.ok('task_validate', { task, lease_token: claim.lease.token })
  expect(validation).toMatchObject({ passed: true })
})
