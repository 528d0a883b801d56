import { z } from 'zod'
import { ChangeSetKey, keyNumber, PrdKey, RunKey, TaskKey } from '../../../schemas/key.ts'
import { type RunOptions, RunState } from '../../../schemas/run.ts'
import { hint, step, wordSentence } from '../../step.ts'
import { defineOperation, Next } from '../operation.ts'
import { plain } from '../text.ts'

const DEFAULT_MINUTES = 30

export const runStart = defineOperation({
  name: 'run_start',
  title: 'Start a run',
  description:
    'Execute a PRD or tasks unattended: preflight, worktree, agent, checks, retry or rollback, change set. Returns at once; follow it with run_status. dry_run only looks.',
  toolset: 'execution',
  effect: 'external',
  action: 'run.start',
  input: z.object({
    prd: PrdKey.optional().describe('All its open tasks'),
    tasks: z.array(TaskKey).max(200).optional().describe('Or these'),
    agent: z.enum(['claude', 'codex', 'acp', 'command']).default('claude'),
    command: z
      .array(z.string().min(1).max(1000))
      .max(50)
      .optional()
      .describe('Program and arguments of acp and command; for claude and codex where it is, if not on the path'),
    model: z.string().max(200).optional(),
    fallback: z
      .array(z.string().regex(/^(claude|codex|acp|command)(:\S{1,200})?$/))
      .max(2)
      .default([])
      .describe('agent or agent:model for the last attempt; of two the smaller proven difference lands'),
    parallel: z.int32().min(1).max(16).default(2),
    attempts: z.int32().min(1).max(10).default(3).describe('At one task, before a person is asked'),
    budget_usd: z.number().positive().optional().describe('For the whole run'),
    budget_turns: z.int32().min(1).optional().describe('For one session'),
    budget_minutes: z.number().positive().max(1440).default(DEFAULT_MINUTES).describe('For one session'),
    test_first: z.boolean().default(false).describe('Failing tests first, frozen, then the code'),
    deliver: z.enum(['none', 'merge']).default('none').describe('merge: once all is green together'),
    variables: z.array(z.string().max(100)).max(50).default([]).describe('Environment the agent gets'),
    dry_run: z.boolean().default(false),
  }),
  output: z.object({
    started: z.boolean(),
    run: RunKey.optional(),
    state: RunState.optional().describe('How it ended, where this is told at its end'),
    change_set: ChangeSetKey.optional(),
    tasks: z.int32(),
    preflight: z.array(z.object({ level: z.enum(['ok', 'note', 'stop']), subject: z.string(), message: z.string() })),
    next: Next,
  }),
  summarize: ({ started, run, tasks, preflight }) =>
    started
      ? `${run} began with ${tasks} tasks`
      : `Not started. ${preflight
          .filter(({ level }) => level === 'stop')
          .map(({ subject, message }) => `${subject}: ${message}`)
          .join(' ')}`,
  begins: ({ run }) => run,
  async run(input, { caller, request, progress, execution, startWorker, signal, cut, word }) {
    const { launchRun } = await import('../../execution/launch-run.ts')
    const { inspected, tasks, run } = await launchRun(
      await execution(),
      caller,
      {
        prd: keyNumber(input.prd),
        tasks: (input.tasks ?? []).map((task) => keyNumber(task)),
        options: optionsOf(input),
        lookOnly: input.dry_run,
      },
      { progress, startWorker, request },
      signal,
    )
    const stopped = inspected.some(({ level }) => level === 'stop')
    const again = step('run_start', named(input))
    const preflight = cut.list(
      'preflight',
      inspected
        .filter(({ level }) => run === undefined || level !== 'ok')
        .toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level)),
      { chars: 6500 },
      hint`Mend what stands first, then ${again}.`,
      ({ level, subject, message }) => ({ level, subject, message: plain(wordSentence(message, word)) }),
    )
    if (run === undefined)
      return {
        started: false,
        tasks,
        preflight,
        next: [stopped ? hint`Mend what says stop, then ${again}` : again],
      }
    return {
      started: true,
      run: run.id,
      change_set: run.changeSet,
      tasks: run.tasks.length,
      preflight,
      next: [step('run_status', { run: run.id })],
    }
  },
})

/** What was said of a run, without what it is anyway. */
function named({ dry_run: _, ...input }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(input).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(DEFAULTS[name]) && value !== undefined,
    ),
  )
}

const DEFAULTS: Readonly<Record<string, unknown>> = {
  agent: 'claude',
  fallback: [],
  parallel: 2,
  attempts: 3,
  budget_minutes: DEFAULT_MINUTES,
  test_first: false,
  deliver: 'none',
  variables: [],
}

/** What keeps a run from starting is read first. */
const LEVELS: readonly string[] = ['stop', 'note', 'ok']

interface Wanted {
  readonly agent: string
  readonly command?: readonly string[] | undefined
  readonly model?: string | undefined
  readonly fallback: readonly string[]
  readonly parallel: number
  readonly attempts: number
  readonly budget_usd?: number | undefined
  readonly budget_turns?: number | undefined
  readonly budget_minutes: number
  readonly test_first: boolean
  readonly deliver: 'none' | 'merge'
  readonly variables: readonly string[]
}

function optionsOf(input: Wanted): RunOptions {
  return {
    agent: input.agent,
    command: [...(input.command ?? [])],
    ...(input.model !== undefined && { model: input.model }),
    fallback: [...input.fallback],
    parallel: input.parallel,
    attempts: input.attempts,
    budget: {
      ...(input.budget_usd !== undefined && { costUsd: input.budget_usd }),
      ...(input.budget_turns !== undefined && { turns: input.budget_turns }),
      minutes: input.budget_minutes,
    },
    testFirst: input.test_first,
    deliver: input.deliver,
    variables: [...input.variables],
  }
}
