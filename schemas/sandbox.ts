import { z } from 'zod'
import { RepositoryName } from './repository.ts'

const Paths = z.array(z.string().min(1).max(1000)).max(100).default([])
const Reason = z.string().min(1).max(500)

/** What a person decided on the sandbox of agents and checks. */
export const SandboxSettings = z.object({
  off: Reason.nullable()
    .default('No person switched it on.')
    .describe('Why it is off for the whole workspace; null where it is on'),
  repositories: z
    .record(RepositoryName, Reason)
    .default({})
    .describe('Repositories it is off for, each with the reason'),
  readable: Paths.describe('Places of the home, and others that are hidden, which are shown'),
  writable: Paths.describe('Places that may be written beside the worktree'),
  agentNetwork: z.boolean().default(true).describe('Whether agents reach the network'),
  checkNetwork: z.boolean().default(true).describe('Whether checks reach the network'),
})
export type SandboxSettings = z.infer<typeof SandboxSettings>
