import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { vi } from 'vitest'
import { findProgram } from '../../src/process/find-program.ts'
import { temporaryFolder } from '../mcp/connect.ts'

/** Nothing but git and programs that do nothing is on the path. */
export async function installed(names: readonly string[]): Promise<void> {
  const folder = join(await temporaryFolder(), 'bin')
  mkdirSync(folder)
  for (const name of names.filter((name) => !name.includes('/')))
    writeFileSync(join(folder, name), '#!/bin/sh\n', { mode: 0o755 })
  vi.unstubAllEnvs()
  symlinkSync((await findProgram('git', '.')) ?? '', join(folder, 'git'))
  vi.stubEnv('PATH', folder)
}
