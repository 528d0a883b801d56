import type { ConnectorError, ConnectorErrorCode } from '../../../connectors/connector.ts'
import { type ErrorCode, SpekiError } from '../../errors.ts'

const WORDS: Readonly<Record<ConnectorErrorCode, { readonly code: ErrorCode; readonly hint: string }>> = {
  rejected: { code: 'upstream_rejected', hint: 'Its reason is above: satisfy it there, then repeat the call.' },
  conflict: { code: 'conflict', hint: 'Look at what is there now, then repeat the call.' },
  not_found: { code: 'not_found', hint: 'Look on the platform whether it was renamed, deleted, or hidden from you.' },
  rate_limited: { code: 'rate_limited', hint: 'Wait, then repeat the call.' },
  unavailable: {
    code: 'upstream_unavailable',
    hint: 'Look whether the platform can be reached, then repeat the call.',
  },
}

/** What a platform said, in words: what failed, whether it may have happened nevertheless, when to try again. */
export function explainConnector(error: ConnectorError): SpekiError {
  const { code, hint } = WORDS[error.code]
  const status = error.status === undefined ? '' : ` (status ${error.status})`
  const unsure = error.mayHaveHappened ? ' It may have been carried out nevertheless; repeating looks first.' : ''
  const wait =
    error.retryAfterMs === undefined
      ? hint
      : `Repeat the call in ${Math.max(1, Math.ceil(error.retryAfterMs / 1000))} s.`
  return new SpekiError(code, `The platform: ${error.message}${status}${unsure}`, { hint: wait, cause: error })
}
