/** Attempts side by side at one task, of which one can land. */
export interface Contest {
  /**
   * Waits until every other is proven too, or out. True where this one may land now: it has the least to read. False where
   * another has landed. Who was let and could not land asks again, or ends.
   */
  mayLand(lines: number): Promise<boolean>
  /** To be called once by each, at its end. */
  end(landed: boolean): void
}

export function createContest(entrants: number): Contest {
  let running = entrants
  let won = false
  const waiting: { readonly lines: number; readonly answer: (may: boolean) => void }[] = []
  const look = () => {
    if (won) for (const { answer } of waiting.splice(0)) answer(false)
    else if (waiting.length === running) {
      waiting.sort((a, b) => a.lines - b.lines)
      waiting.shift()?.answer(true)
    }
  }
  return {
    async mayLand(lines) {
      return await new Promise((answer) => {
        waiting.push({ lines, answer })
        look()
      })
    },
    end(landed) {
      running -= 1
      won ||= landed
      look()
    },
  }
}
