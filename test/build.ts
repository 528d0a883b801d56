import { SEED, SHARE } from './property-runs.ts'

/** Before the tests: they run the program as users have it. Says how the property tests of this run can be had again. */
export default async () => {
  await import('../build.ts')
  console.log(`property tests: SPEKI_SOAK_SEED=${SEED} SPEKI_RUNS=${SHARE}`)
}
