import { type Command, Option } from 'commander'
import { z } from 'zod'
import type { SettingsChange } from '../domain/check/settings.ts'
import type { WithSession } from './session.ts'

const RuleLevel = z.enum(['off', 'info', 'warning', 'error', 'default'])
const Gate = z.enum(['approve', 'plan', 'lenses'])

/** What prd_check looks for is people's to decide: no tool exists for these. */
export function ruleCommands(rule: Command, withSession: WithSession): void {
  const change = (settingsChange: SettingsChange) =>
    withSession(async ({ runtime, caller, answer }) => {
      const { changeCheckSettings } = await import('../domain/check/settings.ts')
      answer(await changeCheckSettings(await runtime.open(), caller, settingsChange))
    })

  rule
    .command('list')
    .description('Every rule of the check, with its severity in this workspace')
    .action(() =>
      withSession(async ({ runtime, caller, answer }) => {
        const { readCheckSettings } = await import('../domain/check/settings.ts')
        const { rules } = await import('../spec/check/rules/index.ts')
        const { severities, banned, gates, lenses } = await readCheckSettings(await runtime.open(), caller)
        answer({
          rules: rules.map(({ id, severity, kinds, asks }) => ({
            rule: id,
            severity: severities[id] ?? severities[id.slice(0, id.indexOf('.'))] ?? severity,
            kinds: kinds?.join(', ') ?? 'all',
            asks,
          })),
          banned,
          gates,
          lenses,
        })
      }),
    )

  rule
    .command('set <rule> <severity>')
    .description('Switch a rule, or a family such as wording: off, info, warning, error, default')
    .action((name: string, severity: string) => change({ rule: name, severity: RuleLevel.parse(severity) }))

  rule
    .command('ban <words>')
    .description('Ban a word or phrase in this workspace')
    .action((words: string) => change({ ban: words }))
  rule
    .command('allow <words>')
    .description('Lift a ban')
    .action((words: string) => change({ allow: words }))

  rule
    .command('gate <step>')
    .description('Let a PRD pass to approve or plan only with a clean check; lenses: gates also need every lens read')
    .addOption(new Option('--off', 'lift the gate'))
    .action((step: string, { off }: { off?: boolean }) => {
      const gate = Gate.parse(step)
      return change(gate === 'lenses' ? { lenses: off !== true } : { gate, on: off !== true })
    })
}
