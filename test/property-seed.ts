import fc from 'fast-check'

/** Property tests are the same in every run, so that a red one is the change's fault; `npm run soak` draws new seeds. */
const soak = process.env['SPEKI_SOAK_SEED']
fc.configureGlobal({ seed: soak === undefined ? 20261126 : Number(soak) })
