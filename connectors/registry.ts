import type { CodeHost, Connector } from './connector.ts'
import { local } from './local/local.ts'

/** Every platform there is. */
export const connectors: readonly Connector[] = [local]

/** Who keeps the pull requests of a remote; undefined where nobody does. */
export async function codeHostOf(remote: string): Promise<CodeHost | undefined> {
  for (const { serves, codeHost } of connectors) if (codeHost !== undefined && (await serves(remote))) return codeHost
  return undefined
}
