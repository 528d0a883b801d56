import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ifUnreadable } from '../expected.ts'
import type { AgentJob } from './agent.ts'
import { createBoundary } from './boundary.ts'

/** Bytes of a repository's instructions that are given on. */
const MAX_BYTES = 32 * 1024

/**
 * The prompt; in front of a session's first one what the first of these files says to agents, which clients do not read where
 * nothing of the repository is trusted. Text cannot do what its settings and hooks could.
 */
export async function promptWithInstructions(job: AgentJob, names: readonly string[]): Promise<string> {
  if (job.resume !== undefined) return job.prompt
  for (const name of names) {
    const file = join(job.folder, name)
    if (createBoundary(job).whyNotRead(file) !== undefined) continue
    const text = await readFile(file).catch(ifUnreadable(Buffer.alloc(0)))
    if (text.length > 0) return `# ${name} of this repository\n\n${text.subarray(0, MAX_BYTES)}\n\n${job.prompt}`
  }
  return job.prompt
}
