import { actorOf, type Principal } from '../../schemas/actor.ts'
import { SandboxSettings } from '../../schemas/sandbox.ts'
import { appendEvent } from '../store/events.ts'
import { readSetting, writeSetting } from '../store/settings.ts'
import { getRepository } from './repository/read.ts'
import { consult, type Service, transact } from './service.ts'

const SETTING = 'sandbox'

export async function readSandbox(service: Service, caller: Principal): Promise<SandboxSettings> {
  return await consult(service, caller, 'setting.read', (reader) => readSetting(reader, SETTING, SandboxSettings))
}

export interface SandboxChange {
  /** Why it is switched off; null switches it on. */
  readonly off?: string | null | undefined
  /** The one repository that `off` is about; the workspace where there is none. */
  readonly repository?: string | undefined
  readonly readable?: readonly string[] | undefined
  readonly writable?: readonly string[] | undefined
  /** Places that are declared no longer. */
  readonly forget?: readonly string[] | undefined
  readonly agentNetwork?: boolean | undefined
  readonly checkNetwork?: boolean | undefined
}

export async function changeSandbox(
  service: Service,
  caller: Principal,
  change: SandboxChange,
): Promise<SandboxSettings> {
  const name =
    change.repository === undefined ? undefined : (await getRepository(service, caller, change.repository)).name
  return await transact(service, caller, 'setting.change', async (tx, now) => {
    const settings = SandboxSettings.parse(apply(await readSetting(tx, SETTING, SandboxSettings), change, name))
    await writeSetting(tx, SETTING, settings, now)
    await appendEvent(tx, {
      at: now,
      type: 'workspace.sandbox_changed',
      subject: 'workspace',
      actor: actorOf(caller),
      payload: settings,
    })
    return settings
  })
}

function apply(settings: SandboxSettings, change: SandboxChange, repository: string | undefined): SandboxSettings {
  const places = (before: readonly string[], added: readonly string[] = []) =>
    [...new Set([...before, ...added])].filter((path) => change.forget?.includes(path) !== true)
  const { off, repositories, ...others } = settings
  const offNow = repository !== undefined || change.off === undefined ? off : change.off
  const kept = Object.entries(repositories).filter(([name]) => name !== repository || change.off === undefined)
  if (repository !== undefined && typeof change.off === 'string') kept.push([repository, change.off])
  return {
    ...others,
    off: offNow,
    repositories: Object.fromEntries(kept),
    readable: places(settings.readable, change.readable),
    writable: places(settings.writable, change.writable),
    agentNetwork: change.agentNetwork ?? settings.agentNetwork,
    checkNetwork: change.checkNetwork ?? settings.checkNetwork,
  }
}
