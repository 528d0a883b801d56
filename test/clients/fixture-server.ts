import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'

/** A small MCP server on which the harness proves itself: notes in memory, one tool that fails, one that destroys. */

const WRITE = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false }

const notes: string[] = []

function buildServer(): McpServer {
  const server = new McpServer({ name: 'notes', version: '1.0.0' }, { instructions: 'Keeps notes.' })
  server.registerTool(
    'note_add',
    {
      description: 'Add a note',
      inputSchema: z.object({ text: z.string() }),
      outputSchema: z.object({ id: z.number(), secret: z.string() }),
      annotations: WRITE,
    },
    ({ text }) => {
      const id = notes.push(text)
      return { content: [{ type: 'text', text: 'Added.' }], structuredContent: { id, secret: `key-of-${id}` } }
    },
  )
  server.registerTool(
    'note_get',
    {
      description: 'Read a note by the key that note_add returned',
      inputSchema: z.object({ secret: z.string() }),
      outputSchema: z.object({ text: z.string() }),
      annotations: { ...WRITE, readOnlyHint: true, idempotentHint: true },
    },
    async ({ secret }) => {
      const text = notes[Number(secret.replace('key-of-', '')) - 1]
      if (text === undefined)
        return { isError: true, content: [{ type: 'text', text: `No note has the key ${secret}.` }] }
      return { content: [{ type: 'text', text }], structuredContent: { text } }
    },
  )
  server.registerTool(
    'note_wipe',
    {
      description: 'Delete every note for good',
      inputSchema: z.object({}),
      outputSchema: z.object({ left: z.number() }),
      annotations: { ...WRITE, destructiveHint: true },
    },
    () => {
      notes.length = 0
      return { content: [{ type: 'text', text: 'Wiped.' }], structuredContent: { left: 0 } }
    },
  )
  return server
}

serveStdio(() => buildServer())
