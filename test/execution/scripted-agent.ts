import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** What the scripted agent does in one try. Paths are relative to its worktree. */
export interface Behaviour {
  readonly write?: Readonly<Record<string, string>>
  readonly append?: Readonly<Record<string, string>>
  readonly remove?: readonly string[]
  /** Starts a process that leaves the group and goes on appending to this file. */
  readonly orphan?: string
  /** Ends only when this file is there; absolute. */
  readonly waitFor?: string
  /** Keeps the message it got in this file; absolute. */
  readonly keep?: string
  readonly say?: string
  /** What it does instead once its tests are frozen. */
  readonly afterTests?: Behaviour
  readonly exitCode?: number
}

/** The command line of an agent that plays a script: for each task, by a part of its title or by model, one behaviour a try; the last one repeats. */
export function scriptedAgent(folder: string, script: Readonly<Record<string, readonly Behaviour[]>>): string[] {
  const file = join(folder, `script-${Object.keys(script).length}.json`)
  writeFileSync(file, JSON.stringify(script))
  return [process.execPath, resolve(import.meta.dirname, 'scripted-agent-process.ts'), file]
}

/** The answer an agent gives at its end. */
export function answer(criteria: number): string {
  return JSON.stringify({
    summary: 'Did it.',
    criteria: Array.from({ length: criteria }, (_, index) => ({ criterion: index + 1, met: true, how: 'check.js' })),
  })
}
