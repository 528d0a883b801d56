import { z } from 'zod'
import { Actor } from './actor.ts'
import { AgentOutcome, AgentUsage } from './agent.ts'
import { ChangeSetKey, Instant, PrdKey, RunKey, TaskKey } from './key.ts'

export const RunState = z.enum(['queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled'])
export type RunState = z.infer<typeof RunState>

/** How a run works. Stored with it; nothing of it changes afterwards. */
export const RunOptions = z.object({
  agent: z.string().describe('claude, codex, acp or command'),
  command: z
    .array(z.string().min(1).max(1000))
    .max(50)
    .describe(
      'Program and arguments of acp and command; for claude and codex where the program is, if not on the path',
    ),
  model: z.string().max(200).optional(),
  fallback: z
    .array(z.string())
    .max(2)
    .describe('Setups that take the last attempt, `agent` or `agent:model`: two side by side. None: the agent itself'),
  parallel: z.int().min(1).max(16),
  attempts: z.int().min(1).max(10).describe('Tries at one task before a person is asked'),
  budget: z.object({
    costUsd: z.number().positive().optional().describe('For the whole run'),
    turns: z.int().positive().optional().describe('Requests to the model in one session'),
    minutes: z.number().positive().describe('For one session'),
  }),
  testFirst: z.boolean(),
  deliver: z
    .enum(['none', 'merge'])
    .describe('merge: deliver the change set when every task is done and it was tested'),
  variables: z
    .array(z.string().max(100))
    .max(50)
    .describe('Names of variables the agent inherits, for its own account'),
})
export type RunOptions = z.infer<typeof RunOptions>

export const Run = z.object({
  id: RunKey,
  prd: PrdKey.optional(),
  title: z.string(),
  state: RunState,
  wanted: z.enum(['run', 'pause', 'cancel']).describe('What people asked for last'),
  options: RunOptions,
  tasks: z.array(TaskKey),
  changeSet: ChangeSetKey,
  spend: AgentUsage,
  reason: z.string().optional().describe('Why it failed or waits'),
  by: Actor,
  createdAt: Instant,
  startedAt: Instant.optional(),
  endedAt: Instant.optional(),
})
export type Run = z.infer<typeof Run>

/**
 * `landed`: its commit is in the change set. `interrupted`: its worker died; that is nobody's failure. `released`: it was
 * given back, or another attempt beside it landed.
 */
export const AttemptState = z.enum(['working', 'landed', 'failed', 'interrupted', 'released'])
export type AttemptState = z.infer<typeof AttemptState>

/** Why an attempt failed, most telling first. Those before `NO_CHANGE` are not the work's fault. */
export const FailureClass = z.enum([
  'INFRA_API',
  'INFRA_ENV',
  'INSTALL',
  'CANCELLED',
  'OUTDONE',
  'NO_CHANGE',
  'POLICY_DENIED',
  'BUDGET',
  'TIMEOUT',
  'LOOP',
  'TAMPER',
  'SCOPE',
  'CONFLICT',
  'FORMAT',
  'LINT',
  'TYPECHECK',
  'BUILD',
  'REGRESSION',
  'ACCEPTANCE_FAIL',
  'PREMATURE_DONE',
  'SCHEMA_MISS',
  'SPEC_GAP',
  'CROSS_REPO',
  'UNKNOWN',
])
export type FailureClass = z.infer<typeof FailureClass>

/** What a failed attempt leaves for whoever tries next. */
export const DiagnosticReport = z.object({
  class: FailureClass,
  summary: z.string().describe('One sentence'),
  command: z.string().optional().describe('The first check that was red'),
  firstError: z.string().optional(),
  cause: z.string().describe('What is suspected, and from what'),
  findings: z.array(z.string()).describe('Everything that kept it from passing'),
  outcome: AgentOutcome.optional(),
  changed: z.array(z.string()).describe('Paths it changed'),
  kept: z.string().optional().describe('Ref under which the discarded work is kept'),
  output: z.string().describe('End of the output of the failing command'),
  next: z.array(z.string()).describe('What to try next'),
})
export type DiagnosticReport = z.infer<typeof DiagnosticReport>

export const Attempt = z.object({
  id: z.int().min(1),
  task: TaskKey,
  number: z.int().min(1).describe('Of this task, from 1'),
  run: RunKey.optional().describe('Absent where an agent works in its own chat'),
  fence: z.int().describe('Claim it belongs to'),
  state: AttemptState,
  agent: z.string(),
  session: z.string().optional(),
  root: z.string().describe('Working copy that the worktree belongs to'),
  worktree: z.string(),
  branch: z.string(),
  base: z.string().describe('Commit it began at'),
  commit: z.string().optional().describe('Its work, once committed'),
  mark: z.string().describe('Mark of its processes'),
  rounds: z.int().min(0).describe('Messages the agent got'),
  usage: AgentUsage,
  report: DiagnosticReport.optional(),
  startedAt: Instant,
  endedAt: Instant.optional(),
})
export type Attempt = z.infer<typeof Attempt>
