import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ifUnreadable, tryParse } from '../expected.ts'

const Scripts = z.looseObject({ scripts: z.record(z.string(), z.string()).catch({}) })

/** The text of the package.json script that a command runs; undefined where it runs none. */
export async function scriptOf(argv: readonly string[], folder: string): Promise<string | undefined> {
  const [manager = '', verb = '', name = verb] = argv
  if (!['npm', 'pnpm', 'yarn', 'bun'].includes(manager)) return undefined
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(ifUnreadable(''))
  return Scripts.safeParse(tryParse(() => JSON.parse(text))).data?.scripts[verb === 'run' ? name : verb]
}
