import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Behaviour } from './scripted-agent.ts'

/** An agent without a model: does in its working folder what the script says for the task and the try named in the prompt. */
const [script = ''] = process.argv.slice(2)
const prompt = await text(process.stdin)
const title = `${/^# (TASK-\d+: .+)$/m.exec(prompt)?.[1] ?? ''} ${process.env['SPEKI_MODEL'] ?? ''}`
// Of test-first, the step that follows the tests.
const code = prompt.includes('The tests are written and frozen')
const tried = prompt.match(/^### Attempt \d+$/gm)?.length ?? 0
const plays = JSON.parse(readFileSync(script, 'utf8')) as Record<string, Behaviour[]>
const found = Object.entries(plays).find(([part]) => title.includes(part))?.[1] ?? []
const play = found[Math.min(tried, found.length - 1)] ?? {}
const behaviour = (code ? play.afterTests : undefined) ?? play

for (const [path, content] of Object.entries(behaviour.write ?? {})) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
for (const [path, content] of Object.entries(behaviour.append ?? {})) appendFileSync(path, content)
for (const path of behaviour.remove ?? []) rmSync(path, { recursive: true })
if (behaviour.orphan !== undefined) {
  const code = `setInterval(() => require('node:fs').appendFileSync(${JSON.stringify(behaviour.orphan)}, 'x'), 20)`
  spawn(process.execPath, ['-e', code], { detached: true, stdio: 'ignore' }).unref()
}
if (behaviour.keep !== undefined) writeFileSync(behaviour.keep, prompt)
if (behaviour.waitFor !== undefined) {
  while (!existsSync(behaviour.waitFor)) await new Promise((done) => setTimeout(done, 20))
}
if (behaviour.say !== undefined) console.log(behaviour.say)
process.exitCode = behaviour.exitCode ?? 0
