import { SEED, SHARE } from './property-runs.ts'

/** Before the tests: they run the program as users have it. Says how the property tests of this run can be had again. */
export default async () => {
  // Tests act as the person at the machine, also where a run of SPEKI is what starts them.
  delete process.env['SPEKI_MARK']
  await import('../build.ts')
  console.log(`property tests: SPEKI_SOAK_SEED=${SEED} SPEKI_RUNS=${SHARE}`)
}
