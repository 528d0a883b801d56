import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Change } from './changes.ts'

/** What a person would know of a repository, in `repositories/NAME.json`; most need none. */
const Own = z.strictObject({
  /** What a person does once after cloning, as in a shell. */
  prepare: z.array(z.string()).default([]),
  /** What a person registers where nothing that fits is detected. */
  commands: z.record(z.string(), z.string()).default({}),
  /** The right change: new files, and passages of old ones. */
  write: z.record(z.string(), z.string()).default({}),
  replace: z.array(z.strictObject({ path: z.string(), from: z.string(), to: z.string() })).default([]),
  /** The wrong one. */
  slip: z.strictObject({ path: z.string(), from: z.string(), to: z.string() }).optional(),
})
type Own = z.infer<typeof Own>

export function readOwn(name: string): Own {
  const file = join(import.meta.dirname, 'repositories', `${name}.json`)
  return Own.parse(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {})
}

export function ownRight({ write, replace }: Own, root: string): Change | undefined {
  const files = new Map(Object.entries(write))
  for (const { path, from, to } of replace) files.set(path, replaced(root, { path, from, to }, files.get(path)))
  return files.size === 0 ? undefined : { what: [...files.keys()].join(', '), write: Object.fromEntries(files) }
}

export function ownSlip({ slip }: Own, root: string): Change | undefined {
  return slip === undefined
    ? undefined
    : { what: `${slip.path}: \`${slip.from}\` became \`${slip.to}\``, write: { [slip.path]: replaced(root, slip) } }
}

function replaced(root: string, { path, from, to }: NonNullable<Own['slip']>, known?: string): string {
  const text = known ?? readFileSync(join(root, path), 'utf8')
  if (!text.includes(from))
    throw new Error(`${path} does not say ${JSON.stringify(from)} any more: mend its file in repositories/.`)
  return text.replace(from, () => to)
}
