import { spawnSync } from 'node:child_process'

/** The long counts: what CI runs a share of. Prints where it began, so that a failure can be repeated. */
const seed = String(Math.floor(Math.random() * 2 ** 31))
const env = {
  SPEKI_SOAK_SEED: seed,
  ...process.env,
  SPEKI_SOAK: '100',
  SPEKI_SOAK_KILLS: '10',
  SPEKI_RUNS: '80',
  SPEKI_MISTAKES: '1000',
}
console.log(
  `soak: ${new Date().toISOString()}; store: 100 rounds of two kills; tools: 10 rounds of 16 kills on each engine; a crash at every effect of a run and 250 rounds of two kills of workers and agents; 100 sessions of each client killed, timed out or cancelled; every typical mistake through each client; the gate on all 60 tasks and all shapes; 2000 histories of agents beside a person; 2000 interleavings from seed ${env.SPEKI_SOAK_SEED}`,
)
const { status } = spawnSync(
  'vitest',
  [
    'run',
    '--testTimeout=3600000',
    'test/store/kill.proof.test.ts',
    'test/contention/contention.proof.test.ts',
    'test/domain/task/interleavings.test.ts',
    'test/execution/crash.proof.test.ts',
    'test/execution/gate/corpus.proof.test.ts',
    'test/execution/gate/shapes.proof.test.ts',
    'test/harm/harm.proof.test.ts',
    'test/clients/containment.test.ts',
    'test/clients/journeys-mistakes.test.ts',
  ],
  { stdio: 'inherit', env, shell: process.platform === 'win32' },
)
process.exit(status ?? 1)
