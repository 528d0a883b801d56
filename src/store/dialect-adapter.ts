import type { DialectAdapter } from 'kysely'

/**
 * What either engine does. Kysely's own adapter for SQLite denies transactions to migrations, and queues without end where
 * connections are one. Whoever migrates has the writers' lock already; a lock of Kysely's would hide a migration's error
 * behind that of giving it back.
 */
export const dialectAdapter: DialectAdapter = {
  supportsCreateIfNotExists: true,
  supportsMultipleConnections: true,
  supportsOutput: false,
  supportsReturning: true,
  supportsTransactionalDdl: true,
  acquireMigrationLock: async () => {},
  releaseMigrationLock: async () => {},
}
