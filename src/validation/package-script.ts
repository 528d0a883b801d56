import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ifUnreadable, tryParse } from '../expected.ts'

const Scripts = z.looseObject({ scripts: z.record(z.string(), z.string()).catch({}) })

/** The text of the package.json script that a command runs; undefined where it runs none. */
export async function scriptOf(argv: readonly string[], folder: string): Promise<string | undefined> {
  const name = scriptName(argv)
  return name === undefined ? undefined : (await readScripts(folder))[name]
}

/** The same, with the scripts that run before and after it, and with what the command puts behind it. */
export async function scriptsOf(argv: readonly string[], folder: string): Promise<readonly string[]> {
  const name = scriptName(argv)
  if (name === undefined) return []
  const scripts = await readScripts(folder)
  const own = scripts[name]
  if (own === undefined) return []
  const more = argv.slice(argv[1] === 'run' ? 3 : 2).filter((word) => word !== '--')
  const texts = [scripts[`pre${name}`], [own, ...more.map(quoted)].join(' '), scripts[`post${name}`]]
  return texts.filter((text) => text !== undefined)
}

function scriptName([manager = '', verb = '', name = verb]: readonly string[]): string | undefined {
  if (!['npm', 'pnpm', 'yarn', 'bun'].includes(manager)) return undefined
  return verb === 'run' ? name : verb === 't' ? 'test' : verb
}

async function readScripts(folder: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(ifUnreadable(''))
  return Scripts.safeParse(tryParse(() => JSON.parse(text))).data?.scripts ?? {}
}

function quoted(word: string): string {
  return /^[\w./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
