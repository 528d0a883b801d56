import { completable, type McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Principal } from '../../../schemas/actor.ts'
import type { Runtime } from '../../operations/runtime.ts'
import { guides } from '../guides/index.ts'

/** Registers each guide as a prompt; `prd` names what it should be about. */
export function registerPrompts(
  server: McpServer,
  runtime: Runtime,
  callerOf: (context: undefined) => Principal,
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
      ({ prd }) => ({
        messages: [
          {
            role: 'user',
            content: { type: 'text', text: prd === undefined ? guide.text : `${guide.text}\n\nThis is about: ${prd}` },
          },
        ],
      }),
    )
  }
}
