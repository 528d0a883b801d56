export type Engine = 'sqlite' | 'postgres'

/** `STRICT` and `SERIAL KEY` are the only words in which the two engines' table definitions differ. */
export function forEngine(statement: string, engine: Engine): string {
  return engine === 'sqlite'
    ? statement.replace('SERIAL KEY', 'INTEGER PRIMARY KEY AUTOINCREMENT')
    : statement
        .replace('SERIAL KEY', 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY')
        .replace(/\) STRICT$/, ')')
        .replace(/\bINTEGER\b/g, 'BIGINT')
        .replace(/\bREAL\b/g, 'DOUBLE PRECISION')
}
