import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect } from 'vitest'
import { Bundle, type BundleTask } from '../../schemas/bundle.ts'
import { SpekiError } from '../../src/errors.ts'
import { checkBundle } from '../../src/exchange/check-bundle.ts'
import type { Format, SourceFile } from '../../src/exchange/format.ts'
import { processorTime } from '../processor-time.ts'

/** Reads a fixture the way an import does: only what the format claims. */
export function readProject(format: Format, name: string): Bundle {
  const root = join(import.meta.dirname, 'fixtures', name)
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  return readFiles(
    format,
    paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  )
}

/** The bundle, which the contract's schema must take, and which must be the same a second time. */
export function readFiles(format: Format, files: readonly SourceFile[]): Bundle {
  const claimed = new Set(format.claims(files.map((file) => file.path)))
  const bundle = format.read(files.filter((file) => claimed.has(file.path)))
  expect(Bundle.parse(bundle)).toEqual(bundle)
  checkBundle(bundle)
  expect(format.read(files.filter((file) => claimed.has(file.path)).toReversed())).toEqual(bundle)
  return bundle
}

export function taskOf(bundle: Bundle, ref: string): BundleTask {
  const task = bundle.tasks.find((candidate) => candidate.ref === ref)
  if (task === undefined) throw new Error(`no task ${ref} among ${bundle.tasks.map((other) => other.ref).join(', ')}`)
  return task
}

/** The refusal that reading ends with; anything else fails the test. */
export function refusalOf(format: Format, files: readonly SourceFile[]): SpekiError {
  try {
    format.read(files)
  } catch (error) {
    expect(error).toBeInstanceOf(SpekiError)
    if (error instanceof SpekiError) {
      expect(error.code).toBe('invalid_input')
      expect(error.hint).toBeTruthy()
      return error
    }
  }
  throw new Error('nothing was refused')
}

/** Reads many tasks, and prints the processor time that takes. */
export function timed(format: Format, files: readonly SourceFile[], tasks: number): void {
  const { value: bundle, ms } = processorTime(() => format.read(files))
  console.log(`${format.title}: ${tasks} tasks read in ${Math.round(ms)} ms`)
  expect(bundle.tasks).toHaveLength(tasks)
  expect(ms).toBeLessThan(10_000)
}

export function at(text: string): number {
  return Date.parse(text)
}
