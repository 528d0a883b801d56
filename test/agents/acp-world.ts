import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AgentEvent } from '../../schemas/agent.ts'
import type { AgentJob } from '../../src/agents/agent.ts'
import { createAgent } from '../../src/agents/registry.ts'
import { findMarked } from '../../src/process/marked.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import type { AcpScript, AcpStep } from './acp-agent-process.ts'
import { jobIn } from './job.ts'

/** The scripted agent as a process of its own. */
const PROGRAM = fileURLToPath(new URL('./acp-agent-process.ts', import.meta.url))

export interface World {
  readonly home: string
  readonly folder: string
}

/** A folder to work in, with a test in it, and one around it for what the agent keeps. */
export async function makeWorld(): Promise<World> {
  const home = await temporaryFolder()
  const folder = join(home, 'project')
  mkdirSync(join(folder, 'tests'), { recursive: true })
  writeFileSync(join(folder, 'tests/sum.test.js'), 'original\n')
  return { home, folder }
}

/** Program and arguments of the scripted agent. */
export const commandOf = ({ home }: Pick<World, 'home'>, script: AcpScript): readonly string[] => [
  process.execPath,
  PROGRAM,
  JSON.stringify(script),
  join(home, 'sessions.json'),
]
export const agentOf = (world: World, script: AcpScript) => createAgent('acp', commandOf(world, script))

/** Plays a script on one message. `left` are the processes that outlived it. */
export async function run(
  world: World,
  script: readonly AcpStep[] | AcpScript,
  more: Partial<AgentJob> = {},
  signal = AbortSignal.timeout(600_000),
) {
  const scratch = join(world.home, randomUUID())
  mkdirSync(scratch)
  const events: AgentEvent[] = []
  const job = jobIn(world.folder, scratch, { protectedPaths: ['tests/**'], ...more })
  const agent = agentOf(world, 'steps' in script ? script : { steps: script })
  const end = await agent.run(job, (event) => void events.push(event), signal)
  return { end, events, left: await findMarked(job.marker) }
}

export const call = (id: string, more: object = {}): AcpStep => ({
  update: { sessionUpdate: 'tool_call', toolCallId: id, title: 'a call', kind: 'execute', status: 'pending', ...more },
})
export const done = (id: string, more: object = {}): AcpStep => ({
  update: { sessionUpdate: 'tool_call_update', toolCallId: id, status: 'completed', ...more },
})
export const typesOf = (events: readonly AgentEvent[], type: AgentEvent['type']) =>
  events.filter((event) => event.type === type)
