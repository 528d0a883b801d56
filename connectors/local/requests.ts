import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { ConnectorError, type PullRequest } from '../connector.ts'

/** A lock this old belongs to nobody that lives. */
const STALE_MS = 10_000

const Stored = z.object({
  number: z.int(),
  url: z.string(),
  head: z.string(),
  headCommit: z.string(),
  base: z.string(),
  title: z.string(),
  body: z.string(),
  state: z.enum(['open', 'merged', 'closed']),
  draft: z.boolean(),
  mergeCommit: z.string().optional(),
})

/** For `.catch`: undefined where there is nothing at a path. */
export function ifMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return
  throw error
}

/** Every request of a folder, by number. */
export async function listRequests(folder: string): Promise<readonly PullRequest[]> {
  const names = ((await readdir(folder).catch(ifMissing)) ?? []).filter((name) => /^\d+\.json$/.test(name))
  const requests: PullRequest[] = []
  for (const name of names) {
    const { mergeCommit, ...rest } = Stored.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))
    requests.push({ ...rest, mergeCommit })
  }
  return requests.sort((a, b) => a.number - b.number)
}

/** Looks at the requests and changes one, alone with the folder. A request is written whole or not at all. */
export async function withRequests<T>(
  folder: string,
  work: (all: readonly PullRequest[], save: (request: PullRequest) => Promise<void>) => Promise<T>,
): Promise<T> {
  await mkdir(folder, { recursive: true })
  const lock = join(folder, 'lock')
  await take(lock)
  try {
    return await work(await listRequests(folder), async (request) => {
      const file = join(folder, `${request.number}.json`)
      await writeFile(`${file}.new`, `${JSON.stringify(request, undefined, 2)}\n`)
      await rename(`${file}.new`, file)
    })
  } finally {
    await rm(lock, { force: true })
  }
}

async function take(lock: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      await (await open(lock, 'wx')).close()
      return
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      const info = await stat(lock).catch(ifMissing)
      if (info !== undefined && Date.now() - info.mtimeMs > STALE_MS) await rm(lock, { force: true })
      await pause(50)
    }
  }
  throw new ConnectorError('unavailable', `Another process holds ${lock}.`, { mayHaveHappened: false })
}
