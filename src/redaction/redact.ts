import { withoutAssigned } from './assignments.ts'
import { withoutHeaders } from './headers.ts'
import { withoutKubernetesSecrets } from './kubernetes.ts'
import { withoutPrivateKeys } from './private-keys.ts'
import { withoutSaidValues } from './said-values.ts'
import { withoutTokens } from './token-rules.ts'
import { withoutUrlCredentials } from './url-credentials.ts'
import { withoutWebTokens } from './web-token.ts'

/** Blacks out what by its form, or by the name before it, is a token, a password or a private key. Pure, and linear. */
export function redact(text: string): string {
  return [
    withoutPrivateKeys,
    withoutKubernetesSecrets,
    withoutUrlCredentials,
    withoutWebTokens,
    withoutTokens,
    withoutHeaders,
    withoutAssigned,
    withoutSaidValues,
  ].reduce((cleaned, step) => step(cleaned), text)
}
