/** A call that makes sense next, as data: each door words it in its own language. */
export interface Step {
  /** Name of an operation. */
  readonly operation: string
  readonly arguments: Readonly<Record<string, unknown>>
}

/** Value of an argument that the reader has to fill in. */
export const BLANK = '…'

export function step(operation: string, args: Readonly<Record<string, unknown>> = {}): Step {
  return { operation, arguments: args }
}

/** A sentence that may hold steps; a plain string is one without. */
export type Sentence = string | readonly (string | Step)[]

/** How a door words a step: a tool call, a command line, a link. */
export type WordStep = (step: Step) => string

/** A sentence with steps in it: hint`List tasks with ${step('task_list')}.` */
export function hint(strings: TemplateStringsArray, ...values: readonly (string | number | Step)[]): Sentence {
  return strings.flatMap((text, index) => {
    const value = values[index]
    return [text, ...(value === undefined ? [] : [typeof value === 'number' ? String(value) : value])]
  })
}

export function wordSentence(sentence: Sentence | Step, word: WordStep): string {
  if (typeof sentence === 'string') return sentence
  if (isStep(sentence)) return word(sentence)
  return sentence.map((part) => (typeof part === 'string' ? part : word(part))).join('')
}

export function stepsOf(sentence: Sentence | Step): readonly Step[] {
  if (typeof sentence === 'string') return []
  return isStep(sentence) ? [sentence] : sentence.filter((part) => typeof part !== 'string')
}

/** The language of agents: task_get task="TASK-1". */
export const wordAsCall: WordStep = ({ operation, arguments: args }) =>
  [operation, ...Object.entries(args).flatMap(([name, value]) => wordArgument(name, value))].join(' ')

function wordArgument(name: string, value: unknown): string[] {
  if (value === undefined) return []
  return [`${name}=${value === BLANK ? BLANK : JSON.stringify(value)}`]
}

function isStep(value: Sentence | Step): value is Step {
  return typeof value === 'object' && 'operation' in value
}
