import fc from 'fast-check'

/** Property tests are the same in every run, so that a red one is the change's fault; `npm run soak` draws new seeds. */
export const SEED = Number(process.env['SPEKI_SOAK_SEED'] ?? 20261126)

/** How much of their cases property tests try: a tenth here, all in CI, more where SPEKI_RUNS says so. */
export const SHARE = Number(process.env['SPEKI_RUNS'] ?? (process.env['CI'] === undefined ? 0.1 : 1))

/** That share of `all`, and never so few that nothing is tried. */
export const runs = (all: number): number => Math.max(Math.min(all, 10), Math.round(all * SHARE))

fc.configureGlobal({ seed: SEED, numRuns: runs(100) })
