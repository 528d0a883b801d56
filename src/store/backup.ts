/** Backup of the SQLite file; PostgreSQL has its own tools. */
export { backupSqlite, checkIntegrity, restoreSqlite } from './sqlite/backup.ts'
