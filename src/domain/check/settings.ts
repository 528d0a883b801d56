import { actorOf, type Principal } from '../../../schemas/actor.ts'
import { CheckSettings, type Severity } from '../../../schemas/finding.ts'
import { SpekiError } from '../../errors.ts'
import { rules } from '../../spec/check/rules/index.ts'
import { nearest } from '../../spec/nearest.ts'
import { appendEvent } from '../../store/events.ts'
import { readSetting, writeSetting } from '../../store/settings.ts'
import { consult, type Service, transact } from '../service.ts'
import { CHECK_SETTING } from './examine.ts'

/** A change people make to what the workspace checks. */
export type SettingsChange =
  | { readonly rule: string; readonly severity: Severity | 'off' | 'default' }
  | { readonly ban: string }
  | { readonly allow: string }
  | { readonly gate: 'approve' | 'plan'; readonly on: boolean }
  | { readonly lenses: boolean }

export async function readCheckSettings(service: Service, caller: Principal): Promise<CheckSettings> {
  return await consult(service, caller, 'setting.read', (reader) => readSetting(reader, CHECK_SETTING, CheckSettings))
}

export async function changeCheckSettings(
  service: Service,
  caller: Principal,
  change: SettingsChange,
): Promise<CheckSettings> {
  if ('rule' in change) checkRuleName(change.rule)
  return await transact(service, caller, 'setting.change', async (tx, now) => {
    const settings = CheckSettings.parse(apply(await readSetting(tx, CHECK_SETTING, CheckSettings), change))
    await writeSetting(tx, CHECK_SETTING, settings, now)
    await appendEvent(tx, {
      at: now,
      type: 'workspace.check_changed',
      subject: 'workspace',
      actor: actorOf(caller),
      payload: { ...change },
    })
    return settings
  })
}

function apply(settings: CheckSettings, change: SettingsChange): CheckSettings {
  if ('rule' in change) {
    const { [change.rule]: _, ...others } = settings.severities
    return {
      ...settings,
      severities: change.severity === 'default' ? others : { ...others, [change.rule]: change.severity },
    }
  }
  if ('ban' in change)
    return { ...settings, banned: [...new Set([...settings.banned, change.ban.trim().toLowerCase()])] }
  if ('allow' in change) {
    return { ...settings, banned: settings.banned.filter((word) => word !== change.allow.trim().toLowerCase()) }
  }
  if ('lenses' in change) return { ...settings, lenses: change.lenses }
  const others = settings.gates.filter((gate) => gate !== change.gate)
  return { ...settings, gates: change.on ? [...others, change.gate] : others }
}

function checkRuleName(name: string): void {
  const ids = rules.map(({ id }) => id)
  const known = new Set([...ids, ...ids.map((id) => id.slice(0, id.indexOf('.')))])
  if (known.has(name)) return
  const near = nearest(name, known)
  throw new SpekiError(
    'invalid_input',
    `There is no rule "${name}".${near === undefined ? '' : ` Is "${near}" meant?`}`,
    {
      hint: 'List them with: speki rule list',
    },
  )
}
