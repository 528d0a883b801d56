import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'

/**
 * Starts a program that outlives this one; what it prints is appended to `log`. Resolves when it runs, rejects where it
 * cannot be started.
 */
export async function startDetached(
  command: string,
  args: readonly string[],
  log: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const output = await open(log, 'a', 0o600)
  try {
    const child = spawn(command, args, {
      detached: true,
      windowsHide: true,
      stdio: ['ignore', output.fd, output.fd],
      env: environment,
    })
    await once(child, 'spawn')
    child.unref()
  } finally {
    await output.close()
  }
}
