import { readFile, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { z } from 'zod'
import { ifUnreadable, tryParse } from '../expected.ts'
import { findProgram } from '../process/find-program.ts'
import type { AgentFeature, AgentProbe } from './agent.ts'

/** Folders above a program that may hold the description of its package. */
const ABOVE = 4

const Description = z.object({ name: z.string(), version: z.string() })

/**
 * What the files say of a program: where it lies and, where its package or folder tells it, its version. Nothing is run, so
 * that somebody who only looks starts nothing. Undefined where nothing of that name can be started.
 */
export async function lookAtProgram(
  name: string,
): Promise<{ readonly file: string; readonly version: string | undefined } | undefined> {
  const found = await findProgram(name, tmpdir())
  if (found === undefined) return undefined
  const file = await realpath(found)
  return { file, version: (await versionOfPackage(file)) ?? versionOfPath(file) }
}

/** The same as an agent tells it: with what such a program can do as a rule, or the `problem` that it is not there. */
export async function lookFor(name: string, features: readonly AgentFeature[], problem: string): Promise<AgentProbe> {
  const found = await lookAtProgram(name)
  return found === undefined
    ? { version: undefined, features: new Set(), problem }
    : { version: found.version, features: new Set(features), problem: undefined }
}

async function versionOfPackage(file: string): Promise<string | undefined> {
  let folder = dirname(file)
  for (let up = 0; up < ABOVE && dirname(folder) !== folder; up += 1) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(ifUnreadable(undefined))
    const description = text === undefined ? undefined : Description.safeParse(tryParse(() => JSON.parse(text)))
    if (description?.success === true) return description.data.version
    folder = dirname(folder)
  }
  return undefined
}

/** Installers that keep several versions name the file, or a folder above it, by its own. */
function versionOfPath(file: string): string | undefined {
  return file
    .split(sep)
    .findLast((part) => /^v?\d+\.\d+\.\d+[\w.-]*$/.test(part))
    ?.replace(/^v/, '')
}
