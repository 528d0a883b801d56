import type { Agent } from '../mcp/connect.ts'

/** What `run_status` tells, as far as tests look at it. */
export interface Progress {
  readonly run: { readonly state: string; readonly reason?: string }
  readonly tasks: {
    readonly id: string
    readonly status: string
    readonly attempts: number
    readonly working?: string
    readonly failure?: string
    readonly summary?: string
  }[]
}

/** Longer than any run of a test takes on a machine with much else to do, shorter than the tests' own limits. */
const PATIENCE_MS = 500_000

/** Asks how a run goes until something holds. */
export async function until(agent: Agent, id: string, holds: (progress: Progress) => boolean): Promise<Progress> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; ) {
    const progress = await agent.ok<Progress>('run_status', { id })
    if (holds(progress)) return progress
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(`${id} goes on and on: ${JSON.stringify(await agent.ok('run_status', { id }))}`)
}

/** Follows a run until it stands still. */
export const untilStill = async (agent: Agent, id: string): Promise<Progress> =>
  await until(agent, id, ({ run: { state } }) => state !== 'queued' && state !== 'running')
