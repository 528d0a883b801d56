import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Starts this program again, to outlive this process; what it prints is appended to `log`. Its environment begins with what is
 * `shown`, since other processes may read that; the rest it takes from a file of its owner's alone, which it deletes first
 * (bin/hand-over.js). Resolves when it runs, rejects where it cannot be started.
 */
export async function startDetached(
  command: string,
  args: readonly string[],
  log: string,
  { shown, hidden }: Readonly<Record<'shown' | 'hidden', Readonly<Record<string, string>>>>,
): Promise<void> {
  const output = await open(log, 'a', 0o600)
  try {
    // Any other place it would neither read nor delete.
    const handed = join(await mkdtemp(join(tmpdir(), 'speki-environment-')), 'handed-over')
    await writeFile(handed, JSON.stringify(hidden), { mode: 0o600, flag: 'wx' })
    const child = spawn(command, args, {
      detached: true,
      windowsHide: true,
      stdio: ['ignore', output.fd, output.fd],
      env: { ...shown, SPEKI_HANDED: handed },
    })
    await once(child, 'spawn')
    child.unref()
  } finally {
    await output.close()
  }
}
