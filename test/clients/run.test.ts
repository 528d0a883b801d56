import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { untilStill } from '../execution/progress.ts'
import { connect, temporaryFolder } from '../mcp/connect.ts'
import { git, makeRepository, makeTask } from '../mcp/workspace.ts'
import { startAnthropicEndpoint } from './anthropic-endpoint.ts'
import { clientsInstalled, createHome, removeHome, suiteName } from './client-process.ts'
import { type Client, environmentOf, programOf, writeConfiguration } from './driver-world.ts'
import { startOpenAiEndpoint } from './openai-endpoint.ts'
import type { Step } from './scenario.ts'

const ANSWER = { summary: 'The answer is exported.', criteria: [{ criterion: 1, met: true, how: 'check.js' }] }

const bad: Step = () => ({ shell: "printf 'export const ok = false\\n' > index.js" })
const good: Step = () => ({ shell: "printf 'export const ok = true\\nexport const answer = 42\\n' > index.js" })

/** What the model does: red work, the answer, and once it is told what is red, good work and the answer again. */
function stepsOf(client: Client): readonly Step[] {
  // Claude Code gives its answer to a tool, so that it counts as a step of the conversation; Codex just says it.
  if (client === 'claude') {
    const done: Step = () => ({ use: 'StructuredOutput', input: ANSWER })
    return [bad, done, good, done]
  }
  let said = false
  const done: Step = () => ({ say: JSON.stringify(ANSWER) })
  const mend: Step = (returned) => {
    if (said) return good(returned)
    said = true
    return done(returned)
  }
  return [bad, mend, done]
}

describe.skipIf(!clientsInstalled).each<Client>(['claude', 'codex'])(suiteName('a run by the real %s'), (client) => {
  test('goes from the task to a commit, mending in the same conversation what was red', async () => {
    const start = client === 'claude' ? startAnthropicEndpoint : startOpenAiEndpoint
    const endpoint = await start('speki', stepsOf(client))
    const home = await createHome()
    onTestFinished(async () => {
      await endpoint.close()
      await removeHome(home)
    })
    if (client === 'codex') writeConfiguration(home, endpoint.url)
    const environment = environmentOf(client, home, endpoint.url)
    const folder = await temporaryFolder()
    const agent = await connect({ db: join(folder, 'speki.db'), env: environment })
    const root = makeRepository(folder, 'api')
    await agent.ok('repository_register', { path: root })
    const task = await makeTask(agent, 'api', 'Export the answer', { criterion: 'answer is 42' })
    const started = await agent.ok<{ started: boolean; run: string }>('run_start', {
      tasks: [task],
      agent: client,
      command: [programOf(client)],
      variables: Object.keys(environment),
      attempts: 1,
    })
    const ended = await untilStill(agent, started.run)
    const report = JSON.stringify(await agent.client.readResource({ uri: `speki://run/${started.run}/report` }))
    expect(ended, report).toMatchObject({
      run: { state: 'succeeded' },
      tasks: [{ status: 'done', attempts: 1 }],
    })
    expect(report).toMatch(/Attempt 1 by \w+: landed, 2 messages/)
    expect(git(root, 'show', 'speki/cs-1:index.js')).toContain('answer = 42')
    expect(git(root, 'log', '-1', '--format=%b', 'speki/cs-1')).toContain(ANSWER.summary)
    expect(endpoint.refusedHosts).toEqual([])
  })
})
