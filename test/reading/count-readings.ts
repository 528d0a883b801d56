import { readingApart } from '../../src/reading/read-apart.ts'

/** Counts the readings that this process gives to threads from now on. */
export function countReadings(): { readonly end: () => number } {
  let count = 0
  const given = (): void => {
    count++
  }
  readingApart.subscribe(given)
  return {
    end() {
      readingApart.unsubscribe(given)
      return count
    },
  }
}
