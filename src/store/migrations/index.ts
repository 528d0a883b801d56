import type { Migration } from 'kysely/migration'
import { lifecycle } from './0001-lifecycle.ts'

/** Every migration by name, in order. Once released, one is never changed. */
export function migrations(engine: 'sqlite' | 'postgres'): Record<string, Migration> {
  return { '0001-lifecycle': lifecycle(engine) }
}
