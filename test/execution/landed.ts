import type { Agent } from '../mcp/connect.ts'
import { git, makeTask } from '../mcp/workspace.ts'
import { untilStill } from './progress.ts'
import { answer, type Behaviour, scriptedAgent } from './scripted-agent.ts'

/** What became of a task whose agent does this, and the paths that landed. */
export async function landed(agent: Agent, folder: string, root: string, name: string, does: Behaviour) {
  const task = await makeTask(agent, 'app', name)
  const command = scriptedAgent(folder, { [name]: [{ ...does, say: answer(1) }] })
  const started = await agent.ok<{ readonly run: string; readonly change_set: string }>('run_start', {
    tasks: [task],
    agent: 'command',
    command,
    attempts: 1,
  })
  const { tasks } = await untilStill(agent, started.run)
  const branch = `speki/${started.change_set.toLowerCase()}`
  const report = JSON.stringify(await agent.client.readResource({ uri: `speki://run/${started.run}/report` }))
  return { status: tasks[0]?.status, report, paths: git(root, 'diff', '--name-only', 'main', branch).trim() }
}
