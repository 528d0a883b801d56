import { SpekiError } from '../../../errors.ts'

/** Where in a file something stands, as people find it: `line 12`, `master.tasks[3]`. */
export interface Where {
  readonly file: string
  readonly at?: string
}

/** Ends the reading of a file that cannot be read as what it says it is. */
export function refuse(where: Where, problem: string, hint: string): never {
  const place = where.at === undefined || where.at === '' ? where.file : `${where.file}, ${where.at}`
  throw new SpekiError('invalid_input', `${place}: ${problem}`, { hint })
}

/** Most tasks one import takes; more are no plan that anybody works through. */
const MAX_TASKS = 50_000

export function refuseTooMany(file: string, count: number): void {
  if (count <= MAX_TASKS) return
  refuse(
    { file },
    `${count} tasks are more than the ${MAX_TASKS} that one import takes.`,
    'Import the project in parts.',
  )
}
