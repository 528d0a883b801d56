import { readFile } from 'node:fs/promises'
import { SpekiError } from '../../errors.ts'
import { codeOf } from '../../expected.ts'

/** Where `-` reads from. */
export interface StandardInput extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean
}

/** Reads what an argument stands for: `-` is standard input, `@file` a file, `@@` a text that begins with @. */
export type ReadText = (argument: string, text: string) => Promise<string>

export function textReader(stdin: StandardInput): ReadText {
  let reader: string | undefined
  return async (argument, text) => {
    if (text.startsWith('@@')) return text.slice(1)
    if (text !== '-' && text !== '@-') return text.startsWith('@') ? oneLine(await readNamed(argument, text)) : text
    if (reader !== undefined)
      throw new SpekiError('invalid_input', `${reader} has read standard input, so ${argument} cannot.`, {
        hint: 'Put one of the two in a file and pass it as @file.',
      })
    if (stdin.isTTY === true)
      throw new SpekiError('invalid_input', `${argument} reads standard input, and that is the terminal.`, {
        hint: 'Pipe text in, as in: cat file | speki …, or pass a file as @file.',
      })
    reader = argument
    const chunks: Buffer[] = []
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
    return oneLine(Buffer.concat(chunks).toString('utf8'))
  }
}

/** Every program ends its output with a line end; of a single line it is no part. */
function oneLine(text: string): string {
  const line = text.replace(/\r?\n$/, '')
  return line.includes('\n') ? text : line
}

async function readNamed(argument: string, text: string): Promise<string> {
  const file = text.slice(1)
  return await readFile(file, 'utf8').catch((error: unknown) => {
    const why = REASONS[codeOf(error)]
    if (why === undefined) throw error
    throw new SpekiError('not_found', `${argument}: ${why}: ${file === '' ? '(no name)' : file}.`, {
      hint: `Name a file that is there. For a text that begins with @ write @@${file}`,
    })
  })
}

/** What can be wrong with a file that a person names. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'that is a folder',
  EACCES: 'the file may not be read',
  ENAMETOOLONG: 'that is no file name',
}
