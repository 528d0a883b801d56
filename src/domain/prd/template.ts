import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PrdKind } from '../../../schemas/prd.ts'

/** The template of a kind with its title filled in. */
export async function readTemplate(packageRoot: string, kind: PrdKind, title: string): Promise<string> {
  const text = await readFile(join(packageRoot, 'templates', 'specs', `${kind}.md`), 'utf8')
  return text.replace('{{title}}', () => title)
}
