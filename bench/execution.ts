import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCheckpoint, restoreCheckpoint } from '../src/git/worktree/checkpoint.ts'
import { addWorktree, removeWorktree } from '../src/git/worktree/worktrees.ts'
import { commitAll } from './repository.ts'
import { type Line, median, milliseconds } from './statistics.ts'

const signal = AbortSignal.timeout(600_000)

/** What an attempt costs beyond the agent and the checks: its worktree, and a checkpoint and its restore, by number of files. */
export async function benchExecution(folder: string): Promise<readonly Line[]> {
  const lines: Line[] = []
  for (const files of [1000, 20_000]) {
    const root = makeRepository(join(folder, `files-${files}`), files)
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
    const place = { path: join(folder, `worktree-${files}`), branch: 'speki/bench', commit, within: folder }
    const tree = { root, worktree: place.path }
    const store = { folder: join(folder, `checkpoints-${files}`), unprotected: ['node_modules'], within: folder }
    const measure = async (what: string, times: number, work: (round: number) => Promise<unknown>) => {
      const samples: number[] = []
      for (let round = 0; round < times; round += 1) {
        const begun = performance.now()
        await work(round)
        samples.push(performance.now() - begun)
      }
      lines.push({
        what: `${files.toLocaleString('en')} files: ${what}`,
        value: `${milliseconds(median(samples))} ms`,
        aim: '',
      })
    }
    await measure('make a worktree', 1, async () => await addWorktree(root, place, signal))
    await measure('first checkpoint', 1, async () => await createCheckpoint(tree, store, 'start', signal))
    await measure('checkpoint after a change', 5, async (round) => {
      writeFileSync(join(place.path, 'src', '0', '0.txt'), `changed ${round}`)
      await createCheckpoint(tree, store, `green-${round}`, signal)
    })
    await measure('restore and compare', 5, async () => await restoreCheckpoint(place.path, store, 'start', signal))
    await measure('remove the worktree', 1, async () => await removeWorktree(root, place, signal))
  }
  return lines
}

function makeRepository(root: string, files: number): string {
  for (let index = 0; index < files; index += 1) {
    const folder = join(root, 'src', String(Math.floor(index / 100)))
    if (index % 100 === 0) mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${index % 100}.txt`), `file ${index}\n`.repeat(20))
  }
  commitAll(root)
  return root
}
