import { z } from 'zod'
import { Actor } from './actor.ts'
import { Instant, TaskKey, ValidationKey } from './key.ts'
import { CheckKind } from './repository.ts'
import { TestCase } from './test-report.ts'

/** What a test report says; absent numbers are unknown, never zero. */
export const TestCounts = z.object({
  passed: z.int().min(0).optional(),
  failed: z.int().min(0).optional(),
  skipped: z.int().min(0).optional(),
})
export type TestCounts = z.infer<typeof TestCounts>

/** One command that ran. */
export const CheckResult = z.object({
  kind: CheckKind,
  argv: z.array(z.string()),
  status: z.enum(['passed', 'failed', 'timed_out', 'not_started']),
  exitCode: z.int().optional().describe('Absent when a signal or a time-out ended it'),
  durationMs: z.number().min(0),
  counts: TestCounts.optional(),
  firstError: z.string().optional().describe('First line of the output that looks like an error'),
  cases: z
    .array(TestCase)
    .max(500)
    .optional()
    .describe('Tests that were red or did not run, red ones first; absent where no report could be read'),
  excused: z
    .string()
    .optional()
    .describe('Why a red result does not count: the same tests are red or flaky on the base'),
  outputTail: z.string().describe('Last part of the output, secrets redacted'),
  outputBytes: z.int().min(0),
  outputDigest: z.string().describe('SHA-256 of the whole output'),
})
export type CheckResult = z.infer<typeof CheckResult>

/** One run of a repository's checks over one tree. */
export const Validation = z.object({
  id: ValidationKey,
  task: TaskKey,
  fence: z.int().describe('Claim it belongs to'),
  worktree: z.string(),
  treeHash: z.string().describe('git tree of all files, untracked ones included, ignored ones left out'),
  commit: z.string().optional(),
  base: z.string().optional().describe('Commit that the work was judged over; absent where nobody judged it'),
  passed: z.boolean(),
  complete: z.boolean().describe('Every known command ran, so it can close a task'),
  checks: z.array(CheckResult),
  findings: z.array(z.string()).default([]).describe('What speaks against the work whatever the checks say'),
  at: Instant,
})
export type Validation = z.infer<typeof Validation>

/** One acceptance criterion, answered. */
export const CriterionAnswer = z.object({
  criterion: z.int().min(1).describe('Number of the criterion, from 1'),
  met: z.boolean(),
  how: z.string().trim().min(1).max(2000).describe('What shows it: test name, file and line, output'),
})
export type CriterionAnswer = z.infer<typeof CriterionAnswer>

/** What proves a completion. */
export const Evidence = z.object({
  task: TaskKey,
  validation: Validation.optional().describe('Absent only where a person overrode the gate'),
  answers: z.array(CriterionAnswer),
  summary: z.string(),
  override: z.object({ by: z.string(), reason: z.string() }).optional(),
  by: Actor,
  at: Instant,
})
export type Evidence = z.infer<typeof Evidence>
