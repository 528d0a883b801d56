import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { SpekiError } from '../errors.ts'

/** Why a request that is no tool call was refused, with the next step, as the protocol has it. */
export async function refusedRequest(
  error: unknown,
  name: string,
  data?: Readonly<Record<string, string>>,
): Promise<ProtocolError> {
  if (error instanceof ProtocolError) return error
  const { describeFailure } = await import('../operations/failure.ts')
  const { asKnown } = await import('../operations/outside.ts')
  const code = asKnown(error) === undefined ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams
  return new ProtocolError(code, describeFailure(error, name), data)
}

/** Leads on from a name that is not known to the nearest that is. */
export async function notKnown(noun: string, name: string, known: readonly string[]): Promise<SpekiError> {
  const { nearest } = await import('../spec/nearest.ts')
  const [key = '{id}'] = /\b[A-Z]+-\d+\b/.exec(name) ?? []
  const meant = nearest(name.replace(key, '{id}'), known)?.replace('{id}', key)
  return new SpekiError('not_found', `There is no ${noun} "${name}".`, {
    hint: `${meant === undefined ? '' : `Did you mean ${meant}? `}Known are ${known.join(', ')}.`,
  })
}
