import { spawnSync } from 'node:child_process'

/** The long counts: what CI runs a share of. Prints where it began, so that a failure can be repeated. */
const env = { ...process.env, SPEKI_SOAK: '300', SPEKI_SOAK_KILLS: '20', SPEKI_SOAK_RUNS: '2000' }
console.log(
  `soak: ${new Date().toISOString()}, kill rounds of the store 300, of the tools 20 × 16 processes on each engine, interleavings 2000`,
)
const { status } = spawnSync(
  'vitest',
  ['run', '--testTimeout=3600000', 'test/store/kill.test.ts', 'test/contention', 'test/domain/task'],
  { stdio: 'inherit', env, shell: process.platform === 'win32' },
)
process.exit(status ?? 1)
