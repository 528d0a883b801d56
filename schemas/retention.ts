import { z } from 'zod'

const Days = z.int().min(1).max(3650)

/** For how many days a workspace keeps what nobody needs any more. The event log is kept for good. */
export const Retention = z.object({
  jobs: Days.default(14).describe('Jobs that are done'),
  attempts: Days.default(30).describe('Raw streams and worktrees of attempts that are over'),
})
export type Retention = z.infer<typeof Retention>
