import type { Command } from 'commander'
import { KnowledgeKey, keyNumber, PrdKey, TaskKey } from '../../schemas/key.ts'
import { type CheckCommand, CheckKind } from '../../schemas/repository.ts'
import { SpekiError } from '../errors.ts'
import { checkFromLine } from './check-line.ts'
import type { WithSession } from './session.ts'

/** What only people do: no tool exists for these. */
export function peopleCommands(program: Command, noun: (name: string) => Command, withSession: WithSession): void {
  program
    .command('approve <prd>')
    .description('Approve a PRD as it is now')
    .action((prd: string) =>
      withSession(async ({ runtime, caller, answer }) => {
        const { updatePrdRecord } = await import('../domain/prd/prd.ts')
        const { id, state, revision, hash } = await updatePrdRecord(
          await runtime.open(),
          caller,
          keyNumber(PrdKey.parse(prd)),
          undefined,
          { state: 'approved' },
        )
        answer({ id, state, revision, hash })
      }),
    )

  const commands = noun('repository')
    .command('commands <name>')
    .description(
      'Set the check commands that decide whether work is done; they replace detected ones of the same kind. Without options, show them.',
    )
  for (const kind of CheckKind.options)
    commands.option(`--${kind} <command>`, `as in your shell; "none" goes back to what was detected`)
  commands
    .option('--off <kind>', 'switch a check off; it stays off, and shown, until it is set again')
    .option('--reason <text>', 'why it is switched off')
  commands.action((name: string, { off, reason, ...options }: Readonly<Record<string, string>>) =>
    withSession(async ({ runtime, caller, signal, answer }) => {
      const { getRepository } = await import('../domain/repository/read.ts')
      const { effectiveCommands, registerRepository, switchedOffCommands } = await import(
        '../domain/repository/repository.ts'
      )
      const service = await runtime.open()
      const record = await getRepository(service, caller, name)
      const set = CheckKind.options.flatMap((kind) =>
        options[kind] === undefined || options[kind] === 'none' ? [] : [checkFromLine(kind, options[kind])],
      )
      if (off !== undefined) set.push(switchedOff(off, reason, effectiveCommands(record)))
      const replaced = new Set<string | undefined>([...Object.keys(options), off])
      const kept = record.commands.filter((command) => !replaced.has(command.kind))
      if (replaced.size > 1 || off !== undefined)
        await registerRepository(
          service,
          caller,
          { name: record.name, commands: [...kept, ...set] },
          runtime.probe,
          signal,
        )
      const now = await getRepository(service, caller, record.name)
      const shown = [...effectiveCommands(now), ...switchedOffCommands(now)]
      answer({
        name: record.name,
        checks: shown.map((command) => ({
          kind: command.kind,
          command: command.argv.join(' '),
          source: command.source,
          ...(command.off !== undefined && { off: command.off }),
        })),
      })
    }),
  )

  const task = noun('task')
  task
    .command('override <task>')
    .description('Close a task without proof; the reason stays with it')
    .requiredOption('--reason <text>', 'why the gate does not count here')
    .action((key: string, options: { reason: string }) =>
      withSession(async ({ runtime, caller, answer }) => {
        const { overrideCompletion } = await import('../domain/task/complete.ts')
        const { evidence, readied } = await overrideCompletion(
          await runtime.open(),
          caller,
          keyNumber(TaskKey.parse(key)),
          options.reason,
        )
        answer({ task: evidence.task, status: 'done', override: options.reason, readied: readied.tasks })
      }),
    )
  task
    .command('release <task>')
    .description('Free a task that someone holds; the holder is refused from then on')
    .option('--reason <text>', 'why')
    .action((key: string, options: { reason?: string }) =>
      withSession(async ({ runtime, caller, answer }) => {
        const { changeTasks } = await import('../domain/task/change.ts')
        const [released] = await changeTasks(await runtime.open(), caller, [{ id: keyNumber(TaskKey.parse(key)) }], {
          status: 'todo',
          note: options.reason,
        })
        answer({ task: released?.id, status: released?.status, revision: released?.revision })
      }),
    )

  noun('knowledge')
    .command('settle <entry>')
    .description('Settle an entry: workers are no longer shown it')
    .action((key: string) =>
      withSession(async ({ runtime, caller, answer }) => {
        const { settleKnowledge } = await import('../domain/knowledge.ts')
        await settleKnowledge(await runtime.open(), caller, keyNumber(KnowledgeKey.parse(key)))
        answer({ id: key.toUpperCase(), settled: true })
      }),
    )
}

/** The command of a kind, with the reason why it does not run. */
function switchedOff(named: string, reason: string | undefined, commands: readonly CheckCommand[]): CheckCommand {
  const kind = CheckKind.safeParse(named).data
  const command = commands.find((command) => command.kind === kind)
  if (command === undefined)
    throw new SpekiError('not_found', `There is no ${named} check to switch off.`, {
      hint: `There are: ${commands.map((command) => command.kind).join(', ') || 'none'}.`,
    })
  if (reason === undefined || reason.trim() === '')
    throw new SpekiError('invalid_input', `Why is the ${named} check switched off? Nothing was changed.`, {
      hint: `Say it with --reason: --off ${named} --reason "needs a licence server".`,
    })
  return { ...command, off: reason.trim() }
}
