import { open } from 'node:fs/promises'
import { z } from 'zod'
import { ifUnreadable, tryParse } from '../expected.ts'

/** A git command that somebody started. */
export interface TracedCommand {
  /** Real path of the working copy it worked in; undefined where it was in none. */
  readonly worktree: string | undefined
  /** Git folder that its environment named; undefined where it was found by itself. */
  readonly gitDir: string | undefined
  readonly argv: readonly string[]
}

/** Variables under which every git that a process starts tells in a file what it does and where. */
export function traceTo(file: string): Readonly<Record<string, string>> {
  return { GIT_TRACE2_EVENT: file, GIT_TRACE2_EVENT_NESTING: '0', GIT_TRACE2_ENV_VARS: 'GIT_DIR' }
}

const MAX_BYTES = 32 * 1024 * 1024

const Event = z.object({
  event: z.string(),
  sid: z.string(),
  argv: z.array(z.string()).optional(),
  worktree: z.string().optional(),
  param: z.string().optional(),
  value: z.string().optional(),
})

/** What was traced, in the order of its beginning; nothing where nothing was. */
export async function readTrace(file: string): Promise<readonly TracedCommand[]> {
  const commands = new Map<string, { worktree?: string; gitDir?: string; argv: readonly string[] }>()
  for (const line of (await readStart(file)).split('\n')) {
    if (!/"event":"(?:start|alias|def_repo|def_param)"/.test(line)) continue
    const event = tryParse(() => Event.parse(JSON.parse(line)))
    if (event === undefined) continue
    if (event.event === 'start') commands.set(event.sid, { argv: [...(event.argv ?? []), ...pushed(event)] })
    const command = commands.get(event.sid)
    if (command === undefined) continue
    if (event.event === 'alias') command.argv = ['git', ...(event.argv ?? [])]
    if (event.event === 'def_repo' && event.worktree !== undefined) command.worktree = event.worktree
    if (event.event === 'def_param' && event.param === 'GIT_DIR' && event.value !== undefined)
      command.gitDir = event.value
  }
  /** What receives a push is not told what: who started it is. */
  function pushed({ argv, sid }: z.infer<typeof Event>): readonly string[] {
    if (argv?.[0]?.endsWith('receive-pack') !== true) return []
    return commands.get(sid.slice(0, sid.lastIndexOf('/')))?.argv.slice(1) ?? []
  }

  return [...commands.values()].map(({ worktree, gitDir, argv }) => ({ worktree, gitDir, argv }))
}

async function readStart(file: string): Promise<string> {
  const handle = await open(file).catch(ifUnreadable(undefined))
  if (handle === undefined) return ''
  try {
    const info = await handle.stat()
    if (!info.isFile()) return ''
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.alloc(Math.min(info.size, MAX_BYTES)),
      position: 0,
    })
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}
