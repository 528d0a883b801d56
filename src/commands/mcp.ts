import { parseArgs } from 'node:util'
import { createRuntime } from '../app.ts'
import { readConfig } from '../config.ts'
import { SpekiError } from '../errors.ts'
import { chooseTools } from '../mcp/server.ts'
import { serveOverStdio } from '../mcp/stdio.ts'

/** `speki mcp`: serves one client over stdio. Parsed without the command library, which would cost the start. */
export async function serveMcp(argv: readonly string[]): Promise<void> {
  const options = parse(argv)
  const toolsets = options.toolsets?.split(',').map((name) => name.trim())
  const readOnly = options['read-only'] ?? false
  const tools = chooseTools({ toolsets, readOnly })
  await serveOverStdio(createRuntime(readConfig(options)), { tools, readOnly })
}

function parse(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        db: { type: 'string' },
        project: { type: 'string' },
        as: { type: 'string' },
        toolsets: { type: 'string' },
        'read-only': { type: 'boolean' },
      },
    })
    return values
  } catch (error) {
    throw new SpekiError('invalid_input', error instanceof Error ? error.message : 'Unreadable options.', {
      hint: 'Usage: speki mcp [--db FILE] [--project FOLDER] [--as NAME] [--toolsets a,b] [--read-only]',
    })
  }
}
