/** What something comes to, and the milliseconds this thread worked for it: what else the machine does adds nothing to them. */
export function processorTime<T>(run: () => T): { readonly value: T; readonly ms: number } {
  const before = process.threadCpuUsage()
  const value = run()
  const { user, system } = process.threadCpuUsage(before)
  return { value, ms: (user + system) / 1000 }
}
