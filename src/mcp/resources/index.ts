import { type McpServer, ResourceTemplate, type ServerContext } from '@modelcontextprotocol/server'
import type { Principal } from '../../../schemas/actor.ts'
import { demand } from '../../domain/access/can.ts'
import type { Runtime } from '../../operations/runtime.ts'
import { plain } from '../../operations/text.ts'
import { type ResourceDefinition, resources } from './definitions.ts'

/** Registers every resource; a template lists its instances, so that clients without templates find them. */
export function registerResources(
  server: McpServer,
  runtime: Runtime,
  callerOf: (context: ServerContext | undefined) => Principal,
): void {
  for (const definition of resources) {
    const { name, title, description, mimeType } = definition
    const metadata = { title, description, mimeType }
    const read = async (uri: URL, id: string, context: ServerContext) => {
      const caller = allowed(definition, callerOf(context))
      const text = await definition.read(id, { runtime, caller, signal: context.mcpReq.signal })
      return { contents: [{ uri: uri.href, mimeType, text: plain(text) }] }
    }
    if (definition.instances === undefined) {
      server.registerResource(name, definition.uri, metadata, async (uri, context) => await read(uri, '', context))
      continue
    }
    const { instances } = definition
    const template = new ResourceTemplate(definition.uri, {
      list: async (context) => ({
        resources: (await instances(runtime, allowed(definition, callerOf(context)), '')).map((entry) => ({
          uri: uriOf(definition, entry.id),
          name: entry.id,
          title: plain(entry.title),
          mimeType,
        })),
      }),
      complete: {
        id: async (value) =>
          (await instances(runtime, allowed(definition, callerOf(undefined)), value)).map((entry) => entry.id),
      },
    })
    server.registerResource(
      name,
      template,
      metadata,
      async (uri, variables, context) => await read(uri, decodeURIComponent(String(variables['id'])), context),
    )
  }
}

/** The caller, if it may read a resource of this kind. */
function allowed({ action }: ResourceDefinition, caller: Principal): Principal {
  demand(caller, action)
  return caller
}

function uriOf(definition: ResourceDefinition, id: string): string {
  return definition.uri.replace('{id}', encodeURIComponent(id))
}
