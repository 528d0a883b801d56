import { completable, type McpServer, type ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Principal } from '../../../schemas/actor.ts'
import type { Action } from '../../domain/access/actions.ts'
import { demand } from '../../domain/access/can.ts'
import type { Runtime } from '../../operations/runtime.ts'
import { plain } from '../../operations/text.ts'
import { type Guide, guides } from '../guides/index.ts'
import { notKnown, refusedRequest } from '../refused-request.ts'

/** What a caller must be allowed to do to be given a prompt. */
export const PROMPT_ACTION: Action = 'guide.read'

/** Registers each guide as a prompt; `prd` names what it should be about. */
export function registerPrompts(
  server: McpServer,
  runtime: Runtime,
  callerOf: (context: ServerContext | undefined) => Principal,
): void {
  const argsSchema = z.object({
    prd: completable(z.string().max(200).describe('PRD key, or what it is about'), async (value) => {
      const { queryPrds } = await import('../../domain/prd/read.ts')
      const { prds } = await queryPrds(await runtime.open(), callerOf(undefined), { limit: 50 })
      return prds.map(({ prd }) => prd.id).filter((id) => id.startsWith((value ?? '').toUpperCase()))
    }).optional(),
  })
  const messagesOf = ({ text }: Guide, prd: string | undefined) => ({
    messages: [
      {
        role: 'user' as const,
        content: {
          type: 'text' as const,
          text: prd === undefined ? text : `${text}\n\nThis is about: ${plain(prd)}`,
        },
      },
    ],
  })
  for (const guide of guides) {
    const { topic, title, description } = guide
    server.registerPrompt(topic, { title, description, argsSchema }, ({ prd }) => messagesOf(guide, prd))
  }
  // In place of that of the SDK, which refuses a name that is not known without a word on those that are.
  server.server.setRequestHandler('prompts/get', async ({ params: { name, arguments: args } }, context) => {
    try {
      demand(callerOf(context), PROMPT_ACTION)
      const guide = guides.find(({ topic }) => topic === name)
      if (guide !== undefined) return messagesOf(guide, args?.['prd'])
      throw await notKnown(
        'prompt',
        name,
        guides.map(({ topic }) => topic),
      )
    } catch (error) {
      throw await refusedRequest(error, name)
    }
  })
}
