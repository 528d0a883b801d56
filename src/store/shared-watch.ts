/** One watch for all listeners of a database: begins with the first, ends with the last or when the database closes. */
export function shareWatch(start: (changed: () => void) => () => void): {
  readonly add: (changed: () => void) => () => void
  /** Watches what stands there now, where something else was put in its place. */
  readonly restart: () => void
  readonly close: () => void
} {
  const listeners = new Set<() => void>()
  let stop: (() => void) | undefined
  const begin = () =>
    start(() => {
      for (const each of listeners) each()
    })
  const end = () => {
    stop?.()
    stop = undefined
  }
  return {
    add(changed) {
      // A function of its own: the same listener may be added twice.
      const listener = () => changed()
      listeners.add(listener)
      stop ??= begin()
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) end()
      }
    },
    restart() {
      if (stop === undefined) return
      end()
      stop = begin()
    },
    close() {
      listeners.clear()
      end()
    },
  }
}
