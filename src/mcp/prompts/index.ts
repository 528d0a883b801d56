import { completable, type McpServer, type ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Principal } from '../../../schemas/actor.ts'
import type { Action } from '../../domain/access/actions.ts'
import { demand } from '../../domain/access/can.ts'
import type { Runtime } from '../../operations/runtime.ts'
import { plain } from '../../operations/text.ts'
import { guides } from '../guides/index.ts'

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
  for (const guide of guides) {
    server.registerPrompt(
      guide.topic,
      { title: guide.title, description: guide.description, argsSchema },
      ({ prd }, context) => {
        demand(callerOf(context), PROMPT_ACTION)
        const text = prd === undefined ? guide.text : `${guide.text}\n\nThis is about: ${plain(prd)}`
        return { messages: [{ role: 'user', content: { type: 'text', text } }] }
      },
    )
  }
}
