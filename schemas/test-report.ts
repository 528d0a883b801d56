import { z } from 'zod'

/** One test as a runner reported it. */
export const TestCase = z.object({
  id: z.string().max(1000).describe('Stable between runs: file or class, suite and name, joined by " > "'),
  status: z.enum(['passed', 'failed', 'skipped']),
  file: z.string().optional().describe('Relative to the worktree where the runner says it'),
  message: z.string().max(2000).optional().describe('Of a failure: its first lines'),
})
export type TestCase = z.infer<typeof TestCase>
