import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Principal } from '../../../schemas/actor.ts'
import { demand } from '../../domain/access/can.ts'
import { SpekiError } from '../../errors.ts'
import { tryParse } from '../../expected.ts'
import type { Runtime } from '../../operations/runtime.ts'
import { plain } from '../../operations/text.ts'
import { notKnown, refusedRequest } from '../refused-request.ts'
import { LISTED, type ResourceDefinition, resources } from './definitions.ts'

type CallerOf = (context: ServerContext | undefined) => Principal

/** Registers every resource; instances are listed too, page by page, so that clients without templates find them. */
export function registerResources(server: McpServer, runtime: Runtime, callerOf: CallerOf): void {
  for (const definition of resources) {
    const { name, title, description, mimeType, instances } = definition
    const metadata = { title, description, mimeType }
    if (instances === undefined) {
      server.registerResource(name, definition.uri, metadata, neverRead)
      continue
    }
    const template = new ResourceTemplate(definition.uri, {
      list: undefined,
      complete: {
        id: async (value) =>
          (await instances(runtime, allowed(definition, callerOf(undefined))))
            .map(({ id }) => id)
            .filter((id) => id.toLowerCase().startsWith(value.toLowerCase())),
      },
    })
    server.registerResource(name, template, metadata, neverRead)
  }
  // In place of the reading of the SDK, which refuses an address that is not known without a word on those that are.
  server.server.setRequestHandler('resources/read', async ({ params: { uri } }, context) => {
    try {
      const found = findResource(uri)
      if (found === undefined)
        throw await notKnown(
          'resource',
          uri,
          resources.map((definition) => definition.uri),
        )
      const { definition, id } = found
      const caller = allowed(definition, callerOf(context))
      const text = await definition.read(id, { runtime, caller, signal: context.mcpReq.signal })
      return { contents: [{ uri, mimeType: definition.mimeType, text: plain(text) }] }
    } catch (error) {
      throw await refusedRequest(error, uri, { uri })
    }
  })
  // In place of the listing of the SDK, which has one page.
  server.server.setRequestHandler('resources/list', async ({ params }, context) => {
    return await listResources(runtime, callerOf(context), params?.cursor)
  })
}

function neverRead(): never {
  throw new SpekiError('internal', 'Resources are read by a handler of their own.')
}

function findResource(uri: string): { readonly definition: ResourceDefinition; readonly id: string } | undefined {
  for (const definition of resources) {
    const [before = '', after = ''] = definition.uri.split('{id}')
    const written = uri.slice(before.length, uri.length - after.length)
    if (`${before}${written}${after}` !== uri || written.includes('/')) continue
    const id = tryParse(() => decodeURIComponent(written))
    if (id !== undefined && (id === '') === (definition.instances === undefined)) return { definition, id }
  }
  return undefined
}

/** Of each kind that goes on, the last id that was listed. */
const Place = z.record(z.string(), z.string())

/** The first page has the first of every kind; each that follows, the next of the kinds that go on. */
async function listResources(runtime: Runtime, caller: Principal, cursor: string | undefined) {
  const after = cursor === undefined ? undefined : placeOf(cursor)
  const listed = []
  const goesOn: Record<string, string> = {}
  for (const definition of resources) {
    const { name, title, description, mimeType, uri, instances } = definition
    if (after !== undefined && after[name] === undefined) continue
    if (instances === undefined) {
      listed.push({ uri, name, title, description, mimeType })
      continue
    }
    const page = await instances(runtime, allowed(definition, caller), after?.[name])
    for (const entry of page)
      listed.push({
        uri: uriOf(definition, entry.id),
        name: entry.id,
        title: plain(entry.title),
        description,
        mimeType,
      })
    const last = page.at(-1)
    if (last !== undefined && page.length === LISTED) goesOn[name] = last.id
  }
  const more = Object.keys(goesOn).length > 0
  return {
    resources: listed,
    ...(more && { nextCursor: Buffer.from(JSON.stringify(goesOn)).toString('base64url') }),
  }
}

function placeOf(cursor: string): z.infer<typeof Place> {
  const place = Place.safeParse(tryParse(() => JSON.parse(Buffer.from(cursor, 'base64url').toString())))
  if (place.success) return place.data
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `No page of resources follows "${cursor}". List them again without a cursor.`,
  )
}

/** The caller, if it may read a resource of this kind. */
function allowed({ action }: ResourceDefinition, caller: Principal): Principal {
  demand(caller, action)
  return caller
}

function uriOf(definition: ResourceDefinition, id: string): string {
  return definition.uri.replace('{id}', encodeURIComponent(id))
}
