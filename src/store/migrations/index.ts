import type { Migration } from 'kysely/migration'
import { lifecycle } from './0001-lifecycle.ts'
import { specIntelligence } from './0002-spec-intelligence.ts'
import { execution } from './0003-execution.ts'
import { access } from './0004-access.ts'
import { causes } from './0005-causes.ts'
import { jobs } from './0006-jobs.ts'
import { links } from './0007-links.ts'
import { runChecks } from './0009-run-checks.ts'
import { claimStart } from './0012-claim-start.ts'
import type { Engine } from './engine.ts'

/** Every migration by name, in order. Once released, one is never changed. */
export function migrations(engine: Engine): Record<string, Migration> {
  return {
    '0001-lifecycle': lifecycle(engine),
    '0002-spec-intelligence': specIntelligence(engine),
    '0003-execution': execution(engine),
    '0004-access': access(engine),
    '0005-causes': causes(),
    '0006-jobs': jobs(engine),
    '0007-links': links(engine),
    '0009-run-checks': runChecks(),
    '0012-claim-start': claimStart(engine),
  }
}
