import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentJob } from './agent.ts'

/**
 * A hook for clients that ask one before each use of a tool: it refuses changes of protected paths. It reads the question
 * from stdin (Claude Code and Codex put it alike) and answers by exit code 2 with the reason on stderr. What it cannot
 * read it lets pass, as a shell line may hide anything: the caller's diff is the judge, this only tells the model early.
 */
const SCRIPT = `import { realpathSync } from 'node:fs'
import { basename, dirname, join, matchesGlob, relative, resolve, sep } from 'node:path'
import { json } from 'node:stream/consumers'

const { folder, globs } = JSON.parse(process.argv[2])
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
  process.stderr.write('SPEKI: ' + inside + ' is protected (' + glob + ') and must stay as it is. Do the work without changing it.\\n')
  process.exit(2)
}
`

/** Writes the hook to the job's scratch folder and returns the shell line that runs it; undefined where nothing is protected. */
export async function writeGuard(job: AgentJob): Promise<string | undefined> {
  if (job.protectedPaths.length === 0) return undefined
  const file = join(job.scratch, 'guard.mjs')
  await writeFile(file, SCRIPT)
  const settings = JSON.stringify({ folder: job.folder, globs: job.protectedPaths })
  return [process.execPath, '--no-warnings', file, settings].map(quote).join(' ')
}

/** How refusals of the hook begin, wherever a client repeats them. */
export const GUARD_SAYS = /SPEKI: .+ is protected \(.+\) and must stay as it is\./

function quote(word: string): string {
  if (process.platform === 'win32') return `"${word.replaceAll('"', '\\"')}"`
  return `'${word.replaceAll("'", "'\\''")}'`
}
