import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const MINUTE = 60_000

/** One tier, whose limit ends what hangs and measures nothing: a busy machine makes no test red. A file belongs to it by its name alone, so that a new one is in the right place without being listed. */
function tier(name: string, timeout: number, include: string[], exclude: string[] = []) {
  return {
    extends: true as const,
    test: { name, include, exclude: ['**/node_modules/**', ...exclude], testTimeout: timeout, hookTimeout: timeout },
  }
}

/** Suites with a lockfile of their own. */
const INSTALLED_APART = ['test/clients/**', 'test/conformance/**']

export default defineConfig({
  test: {
    globalSetup: ['test/build.ts'],
    setupFiles: ['test/property-runs.ts'],
    expect: { poll: { timeout: MINUTE } },
    pool: 'forks',
    // A test starts processes of its own: a server, a worker, an agent.
    maxWorkers: Math.max(2, Math.floor(availableParallelism() / 2)),
    projects: [
      tier(
        'rules',
        2 * MINUTE,
        ['test/**/*.test.ts'],
        [...INSTALLED_APART, 'test/**/*.system.test.ts', 'test/**/*.proof.test.ts'],
      ),
      tier('system', 10 * MINUTE, ['test/**/*.system.test.ts'], INSTALLED_APART),
      tier('proof', 20 * MINUTE, ['test/**/*.proof.test.ts'], INSTALLED_APART),
      tier('clients', 10 * MINUTE, ['test/clients/**/*.test.ts']),
      tier('conformance', 10 * MINUTE, ['test/conformance/**/*.test.ts']),
    ],
  },
})
