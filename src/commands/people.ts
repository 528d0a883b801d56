import type { Command } from 'commander'
import { parseCommandString } from 'execa'
import { KnowledgeKey, keyNumber, PrdKey, TaskKey } from '../../schemas/key.ts'
import { type CheckCommand, CheckKind } from '../../schemas/repository.ts'
import { SpekiError } from '../errors.ts'
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
    commands.option(`--${kind} <command>`, `program and arguments, no shell; "none" goes back to what was detected`)
  commands.action((name: string, options: Readonly<Record<string, string>>) =>
    withSession(async ({ runtime, caller, signal, answer }) => {
      const { getRepository } = await import('../domain/repository/read.ts')
      const { effectiveCommands, registerRepository } = await import('../domain/repository/repository.ts')
      const service = await runtime.open()
      const record = await getRepository(service, caller, name)
      const set = CheckKind.options.flatMap((kind) =>
        options[kind] === undefined || options[kind] === 'none' ? [] : [parseCheck(kind, options[kind])],
      )
      const kept = record.commands.filter((command) => options[command.kind] === undefined)
      if (Object.keys(options).length > 0)
        await registerRepository(
          service,
          caller,
          { name: record.name, commands: [...kept, ...set] },
          runtime.probe,
          signal,
        )
      const shown = effectiveCommands(await getRepository(service, caller, record.name))
      answer({
        name: record.name,
        checks: shown.map((command) => ({
          kind: command.kind,
          command: command.argv.join(' '),
          source: command.source,
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

function parseCheck(kind: CheckKind, text: string): CheckCommand {
  const argv = parseCommandString(text)
  if (argv.length === 0)
    throw new SpekiError('invalid_input', `The ${kind} command is empty.`, {
      hint: `For example --${kind} "npm test".`,
    })
  return { kind, argv, source: 'person' }
}
