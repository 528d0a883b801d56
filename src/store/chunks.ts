/** Rows a statement takes: enough to be quick, few enough for the parameters an engine allows. */
const CHUNK = 100

export function* chunksOf<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += CHUNK) yield rows.slice(start, start + CHUNK)
}
