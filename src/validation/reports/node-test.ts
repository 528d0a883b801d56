import { readFile } from 'node:fs/promises'
import type { TestCase } from '../../../schemas/test-report.ts'
import { ifUnreadable } from '../../expected.ts'
import { CUT_SHORT } from './cut-short.ts'
import { readJunit } from './junit.ts'

/**
 * Test cases of `node --test`. A file that told of none of its tests counts as one that passed there; where it has tests, the
 * code they call ended the program, which is red.
 */
export async function readNodeTest(xml: string): Promise<readonly TestCase[]> {
  return await Promise.all(readJunit(xml).map(async (entry) => ((await isCutShort(entry)) ? cut(entry) : entry)))
}

const cut = (entry: TestCase): TestCase => ({ ...entry, status: 'failed', message: CUT_SHORT })

async function isCutShort({ id, file, status }: TestCase): Promise<boolean> {
  const name = id.split(' > ').at(-1) ?? id
  if (status !== 'passed' || file?.replaceAll('\\', '/').endsWith(name.replaceAll('\\', '/')) !== true) return false
  const text = await readFile(file, 'utf8').catch(ifUnreadable(''))
  return /['"]node:test['"]/.test(text) && /\b(?:test|it|describe|suite)\s*\(/.test(text)
}
