/** Rows a statement takes: enough to be quick, few enough for the parameters an engine allows. */
const CHUNK = 100

export function* chunksOf<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += CHUNK) yield rows.slice(start, start + CHUNK)
}

/** What reading each chunk gives, all together. */
export async function readChunks<T, R>(
  items: readonly T[],
  read: (chunk: readonly T[]) => Promise<readonly R[]>,
): Promise<R[]> {
  const found: R[] = []
  for (const chunk of chunksOf(items)) found.push(...(await read(chunk)))
  return found
}
