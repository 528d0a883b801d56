import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { z } from 'zod'

/** A real MCP client over stdio, as an agent would be. */
export interface DemoClient {
  /** The structured answer; throws with the server's words where the tool refused. */
  call(tool: string, args: Record<string, unknown>): Promise<Record<string, unknown>>
  /** The server's words where it refuses; undefined where it agreed. */
  refusal(tool: string, args: Record<string, unknown>): Promise<string | undefined>
  close(): Promise<void>
}

const Answer = z.looseObject({
  isError: z.boolean().optional(),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  content: z.array(z.looseObject({ text: z.string().optional() })),
})

/** Starts this very program as the server, on the database of the demo. */
export async function connect(name: string, database: string): Promise<DemoClient> {
  const client = new Client({ name, version: '1.0.0' })
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [programFile(), 'mcp', '--db', database],
      stderr: 'inherit',
      // What took long here is no trouble that a newcomer should look into.
      env: { SPEKI_LOG: 'error' },
    }),
  )
  const send = async (tool: string, args: Record<string, unknown>) => {
    const answer = Answer.parse(await client.callTool({ name: tool, arguments: args }))
    const text = answer.content.map((block) => block.text ?? '').join('\n')
    return { refused: answer.isError === true, text, output: answer.structuredContent ?? {} }
  }
  return {
    async call(tool, args) {
      const { refused, text, output } = await send(tool, args)
      if (refused) throw new Error(`${tool} was refused: ${text}`)
      return output
    },
    async refusal(tool, args) {
      const { refused, text } = await send(tool, args)
      return refused ? text : undefined
    },
    async close() {
      await client.close()
    },
  }
}

/** The file that Node runs now: the launcher, or the sources in development. */
export function programFile(): string {
  const [, file] = process.argv
  if (file === undefined) throw new Error('no program file to start again')
  return file
}
