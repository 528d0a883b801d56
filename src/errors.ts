import { type Sentence, type WordStep, wordAsCall, wordSentence } from './step.ts'

/** The closed set of codes; anything else that is thrown is a defect. */
export type ErrorCode =
  | 'invalid_input'
  | 'not_found'
  | 'conflict'
  | 'forbidden'
  | 'unauthenticated'
  | 'precondition_failed'
  | 'rate_limited'
  | 'upstream_rejected'
  | 'upstream_unavailable'
  | 'timeout'
  | 'cancelled'
  | 'internal'

interface SpekiErrorOptions {
  /** The next step, as a sentence that may hold calls. Never a destructive one. */
  readonly hint?: Sentence | undefined
  /** What the caller needs to go on, for example base, mine and theirs of a conflict. Shown to the caller. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
  readonly cause?: unknown
}

/** An error without its cause and stack. */
export interface ErrorData extends Omit<SpekiErrorOptions, 'cause'> {
  readonly code: ErrorCode
  readonly message: string
}

/** A failure the caller can act on: what failed and the state now in `message`, the next step in `hint`. */
export class SpekiError extends Error {
  readonly code: ErrorCode
  readonly #hint: Sentence | undefined
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(code: ErrorCode, message: string, options: SpekiErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'SpekiError'
    this.code = code
    this.#hint = options.hint
    this.details = options.details
  }

  /** The next step in the language of agents. */
  get hint(): string | undefined {
    return this.hintIn(wordAsCall)
  }

  /** The next step in the language of a door. */
  hintIn(word: WordStep): string | undefined {
    return this.#hint === undefined ? undefined : wordSentence(this.#hint, word)
  }

  /** For another thread, on the way to which an error would lose its kind; `fromData` makes it anew. */
  asData(): ErrorData {
    return { code: this.code, message: this.message, hint: this.#hint, details: this.details }
  }

  static fromData({ code, message, ...options }: ErrorData): SpekiError {
    return new SpekiError(code, message, options)
  }
}
