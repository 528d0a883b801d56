import type { Homeless } from '../../../../schemas/bundle.ts'
import { refuse, type Where } from './refusal.ts'

const NAMED = 10

/** Collects dependencies on what is no longer there, so that people hear of all at once. */
export interface LooseEnds {
  /** A task waits for an id that nothing has; `binding` where that holds back work still to be done. */
  readonly add: (where: Where, task: string, target: string, binding: boolean) => void
  /** What finished tasks and drafts wait for; it holds nothing back. */
  readonly homeless: () => readonly Homeless[]
  /** @throws SpekiError `invalid_input` naming the dependencies that hold back work still to be done */
  readonly settle: (hint: string) => void
}

export function collectLooseEnds(): LooseEnds {
  const open: { readonly where: Where; readonly says: string }[] = []
  const over: Homeless[] = []
  return {
    add: (where, task, target, binding) => {
      if (binding) open.push({ where, says: `${task} depends on ${target}` })
      else
        over.push({
          path: where.file,
          what: `dependency of ${task} on ${target}`,
          why: `Nothing has that id, and ${task} is over or no more than a draft; it stays in this file.`,
        })
    },
    homeless: () => over,
    settle: (hint) => {
      const first = open[0]
      if (first === undefined) return
      const others = open.slice(1, NAMED).map(({ says }) => says)
      if (open.length > NAMED) others.push(`${open.length - NAMED} more`)
      refuse(
        first.where,
        `${first.says}, which nothing is.${others.length > 0 ? ` So it is with: ${others.join(', ')}.` : ''}`,
        hint,
      )
    },
  }
}
