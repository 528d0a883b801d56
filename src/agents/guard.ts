import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { AgentEvent } from '../../schemas/agent.ts'
import { ifMissing } from '../expected.ts'
import type { AgentJob } from './agent.ts'
import { parseObject } from './json-line.ts'

/**
 * A hook for clients that ask one before each use of a tool: it refuses changes of protected paths. It reads the question
 * from stdin (Claude Code and Codex put it alike) and answers by exit code 2 with the reason on stderr. What it cannot
 * read it lets pass, as a shell line may hide anything: the caller's diff is the judge, this only tells the model early.
 */
const SCRIPT = `import { appendFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join, matchesGlob, relative, resolve, sep } from 'node:path'
import { json } from 'node:stream/consumers'

const { folder, globs, refusals } = JSON.parse(process.argv[2])
const PATCHED = /^\\*\\*\\* (?:(?:Add|Update|Delete) File|Move to): (.+)$/gm

const { tool_name: tool = '', tool_input: input = {}, cwd = folder } = await json(process.stdin)
const changed = [input.file_path, input.notebook_path].filter((path) => typeof path === 'string')
if (tool === 'Read') changed.length = 0
for (const text of [input.command, input.input, input.patch].flat())
  if (typeof text === 'string') for (const [, path] of text.matchAll(PATCHED)) changed.push(path.trim())

/** Where a path really leads, though its end may not exist. */
function real(path) {
  try {
    return realpathSync(path)
  } catch {
    return dirname(path) === path ? path : join(real(dirname(path)), basename(path))
  }
}

for (const path of changed) {
  const inside = relative(real(folder), real(resolve(cwd, path))).split(sep).join('/')
  const glob = globs.find((glob) => inside === glob || inside.startsWith(glob + '/') || matchesGlob(inside, glob))
  if (glob === undefined) continue
  const reason = 'SPEKI: ' + inside + ' is protected (' + glob + ') and must stay as it is. Do the work without changing it.'
  appendFileSync(refusals, JSON.stringify({ tool, reason }) + '\\n')
  process.stderr.write(reason + '\\n')
  process.exit(2)
}
`

/** Writes the hook to the job's scratch folder and returns the shell line that runs it; undefined where nothing is protected. */
export async function writeGuard(job: AgentJob): Promise<string | undefined> {
  if (job.protectedPaths.length === 0) return undefined
  const file = join(job.scratch, 'guard.mjs')
  await writeFile(file, SCRIPT)
  const settings = JSON.stringify({ folder: job.folder, globs: job.protectedPaths, refusals: refusalsOf(job) })
  return [process.execPath, '--no-warnings', file, settings].map(quote).join(' ')
}

const refusalsOf = ({ scratch }: AgentJob) => join(scratch, 'refusals.jsonl')

const Refusal = z.object({ tool: z.string(), reason: z.string() })

/** What the hook has refused since the last call, for clients that do not tell it in their stream. */
export function createRefusals(job: AgentJob): () => readonly AgentEvent[] {
  let told = 0
  return () => {
    const refused = readLines(refusalsOf(job)).slice(told)
    told += refused.length
    return refused.flatMap((line): AgentEvent[] => {
      const refusal = Refusal.safeParse(parseObject(line)).data
      return refusal === undefined ? [] : [{ type: 'denial', ...refusal }]
    })
  }
}

function readLines(file: string): readonly string[] {
  try {
    // What stands behind the last line break is still being written.
    return readFileSync(file, 'utf8').split('\n').slice(0, -1)
  } catch (error) {
    return ifMissing([])(error)
  }
}

/** How refusals of the hook begin, wherever a client repeats them. */
export const GUARD_SAYS = /SPEKI: .+ is protected \(.+\) and must stay as it is\./

function quote(word: string): string {
  if (process.platform === 'win32') return `"${word.replaceAll('"', '\\"')}"`
  return `'${word.replaceAll("'", "'\\''")}'`
}
