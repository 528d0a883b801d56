/** Counts the threads that this process starts from now on. */
export function countThreads(): { readonly end: () => number } {
  let count = 0
  const started = (): void => {
    count++
  }
  process.on('worker', started)
  return {
    end() {
      process.off('worker', started)
      return count
    },
  }
}
