import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createCheckpoint, restoreCheckpoint } from '../../src/git/worktree/checkpoint.ts'
import { findMarked } from '../../src/process/marked.ts'
import { clientsInstalled, suiteName } from './client-process.ts'
import { type Client, makeProject, openWorld } from './driver-world.ts'
import type { Step } from './scenario.ts'

const KINDS = ['kill', 'timeout', 'cancel'] as const
/** A share in every run; all of it by `npm run soak`. */
const ROUNDS = process.env['SPEKI_SOAK'] === undefined ? 5 : 100

/** What a session does to a worktree: content, modes, links, index, and a process of its own group that goes on writing. */
const MESS = [
  'echo more >> readme.md; rm -f old.txt; mkdir -p new/deep; echo x > new/deep/file; chmod 755 plain.sh; ln -sf readme.md link',
  '(setsid sh -c "while :; do echo x >> left.txt; echo y >> readme.md; sleep 0.05; done" >/dev/null 2>&1 &); sleep 0.2; git add --all; git rm --quiet --cached kept.txt',
  '(nohup setsid sh -c "(while :; do date > new/deep/again-$$; sleep 0.05; done) & wait" >/dev/null 2>&1 &); echo begun',
  'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do echo $i >> kept.txt; sleep 0.2; done; git stash list',
]
const steps: readonly Step[] = Array.from({ length: 12 }, (_, index) => () => ({
  shell: MESS[index % MESS.length] ?? '',
}))

/** Every file with its bytes, mode and link target, and the index. */
function picture(project: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {
    index: createHash('sha256')
      .update(readFileSync(join(project, '.git/index')))
      .digest('hex'),
    head: readFileSync(join(project, '.git/HEAD'), 'utf8'),
  }
  for (const entry of readdirSync(project, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (path.startsWith(join(project, '.git'))) continue
    const stat = lstatSync(path)
    const content = stat.isSymbolicLink() ? readlinkSync(path) : stat.isFile() ? readFileSync(path, 'latin1') : ''
    found[path.slice(project.length + 1)] = `${stat.mode.toString(8)} ${content}`
  }
  return found
}

function makeWorktree(): string {
  const project = makeProject({ 'old.txt': 'old\n', 'kept.txt': 'kept\n', 'plain.sh': 'echo plain\n' })
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@speki.invalid', ...args], { cwd: project })
  git('add', '--all')
  git('commit', '--quiet', '--message', 'Begin')
  return project
}

describe.skipIf(!clientsInstalled).each<Client>(['claude', 'codex'])(
  suiteName('whatever ends a session, nothing of it lives on and everything comes back: %s'),
  (client) => {
    test(`${ROUNDS} random kills, time limits and cancels`, { timeout: ROUNDS * 60_000 }, async () => {
      // A linear congruential generator: the moments of a seed can be had again.
      let seed = Number(process.env['SPEKI_SOAK_SEED'] ?? 20261126)
      const random = () => {
        seed = (seed * 1103515245 + 12345) % 2 ** 31
        return seed / 2 ** 31
      }
      const project = makeWorktree()
      const folder = mkdtempSync(join(tmpdir(), 'containment-'))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
      const store = { folder, unprotected: [], within: tmpdir() }
      const tree = { root: project, worktree: project }
      const never = new AbortController().signal
      const before = picture(project)
      const { run } = await openWorld(client, steps, { project })
      const outcomes: Record<string, number> = {}
      let dirty = 0
      for (let round = 0; round < ROUNDS; round += 1) {
        const how = KINDS[round % KINDS.length]
        const after = 500 + random() * 8000
        const told = `round ${round}: ${how} after ${Math.round(after)} ms`
        await createCheckpoint(tree, store, 'start', never)
        const marker = `contain-${randomUUID()}`
        const stop = new AbortController()
        const limits = {
          turns: undefined,
          costUsd: undefined,
          stallMs: 60_000,
          wallMs: how === 'timeout' ? after : 60_000,
        }
        const running = run({ marker, limits }, stop.signal)
        if (how !== 'timeout') await Promise.race([running, pause(after)])
        if (how === 'cancel') stop.abort()
        if (how === 'kill') {
          const marked = await findMarked(marker)
          // The client itself is the oldest.
          const victim = random() < 0.5 ? marked[0] : marked[Math.floor(random() * marked.length)]
          try {
            if (victim !== undefined) process.kill(victim, 'SIGKILL')
          } catch {
            // It ended by itself meanwhile.
          }
          // A victim that was not the client itself ends nothing: time does.
          await Promise.race([running, pause(3000)])
          stop.abort()
        }
        const { end } = await running
        expect(await findMarked(marker), told).toEqual([])
        outcomes[end.outcome] = (outcomes[end.outcome] ?? 0) + 1
        if (JSON.stringify(picture(project)) !== JSON.stringify(before)) dirty += 1
        await restoreCheckpoint(project, store, 'start', never)
        expect(picture(project), told).toEqual(before)
        await pause(300)
        expect(picture(project), `${told}, a moment later`).toEqual(before)
        expect(await findMarked(marker), `${told}, a moment later`).toEqual([])
      }
      console.log(`${client}: ${ROUNDS} sessions ended ${JSON.stringify(outcomes)}; ${dirty} had changed the worktree`)
      expect(dirty).toBeGreaterThan(0)
    })
  },
)
