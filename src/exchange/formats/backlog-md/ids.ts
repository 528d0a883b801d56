/** Ids are the same in any case and with any padding: TASK-007 is task-7. */
export function plainId(id: string): string {
  return id
    .trim()
    .toLowerCase()
    .replace(/(^|[-.])0+(?=\d)/g, '$1')
}

/** Finds what an id written by a person means: in full, or as its number alone. */
export function idFinder(ids: Iterable<string>, prefix: string): (written: string) => string | undefined {
  const known = new Map([...ids].map((id) => [plainId(id), id]))
  return (written) => {
    const plain = plainId(written)
    // Projects that changed their prefix still have the old default in what points at a task.
    const number = /^(?:task-)?(\d.*)$/.exec(plain)?.[1]
    return known.get(plain) ?? (number === undefined ? undefined : known.get(`${plainId(prefix)}-${number}`))
  }
}
