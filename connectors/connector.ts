/** What went wrong at a platform, for whoever decides whether to try again. */
export type ConnectorErrorCode =
  /** The platform said no to what was asked; asking again gives the same. */
  | 'rejected'
  /** What the request rests on has changed; look again. */
  | 'conflict'
  | 'not_found'
  /** Too often; try later. */
  | 'rate_limited'
  /** It cannot be reached, or failed; the request may or may not have been carried out. */
  | 'unavailable'

interface ConnectorErrorOptions {
  /** Status of the answer, where there was one. */
  readonly status?: number
  /** How long the platform asks to wait. */
  readonly retryAfterMs?: number
  /** Whether the request may have been carried out although this is thrown; so after `unavailable`, where nothing else is said. */
  readonly mayHaveHappened?: boolean
  readonly cause?: unknown
}

export class ConnectorError extends Error {
  readonly code: ConnectorErrorCode
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined
  readonly mayHaveHappened: boolean
  constructor(code: ConnectorErrorCode, message: string, options: ConnectorErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'ConnectorError'
    this.code = code
    this.status = options.status
    this.retryAfterMs = options.retryAfterMs
    this.mayHaveHappened = options.mayHaveHappened ?? code === 'unavailable'
  }
}

/** A platform. Each capability is there or not; nobody asks for a platform by name. */
export interface Connector {
  /** Kind of platform, such as `github`. */
  readonly kind: string
  /** Whether it serves the repository behind this remote URL or path. */
  serves(remote: string): Promise<boolean>
  readonly codeHost?: CodeHost
}

/** A request to merge one branch into another, as the platform has it. */
export interface PullRequest {
  readonly number: number
  /** Where people look at it; names it across repositories in `Depends-On`. */
  readonly url: string
  /** Branch with the work, without `refs/heads/`. */
  readonly head: string
  /** Commit at which that branch stands now. */
  readonly headCommit: string
  /** Branch it is to be merged into. */
  readonly base: string
  readonly title: string
  readonly body: string
  readonly state: 'open' | 'merged' | 'closed'
  readonly draft: boolean
  /** Commit at which the base stood right after the merge; set where it is merged. */
  readonly mergeCommit: string | undefined
}

/** Pull requests of a platform. All functions reject with `ConnectorError`; after `unavailable` ask with `findPullRequest` what came of it. */
export interface CodeHost {
  /** The newest request of a head branch, whatever its state; undefined where there is none. */
  findPullRequest(remote: string, head: string, signal: AbortSignal): Promise<PullRequest | undefined>
  /** Opens a draft. `conflict` where an open one of that head is there already, `not_found` where a branch is missing. */
  openPullRequest(
    remote: string,
    request: Pick<PullRequest, 'head' | 'base' | 'title' | 'body'>,
    signal: AbortSignal,
  ): Promise<PullRequest>
  /** Changes what is given. `rejected` where it is merged or closed. */
  updatePullRequest(
    remote: string,
    number: number,
    change: { readonly title?: string; readonly body?: string; readonly draft?: boolean },
    signal: AbortSignal,
  ): Promise<PullRequest>
  /**
   * Merges it, if its head stands at `expectedHead` and its base at `expectedBase`: `conflict` where one of them moved.
   * `rejected` where it is a draft, closed, or contradicts its base. Merging what is merged gives the same answer again.
   */
  mergePullRequest(
    remote: string,
    merge: { readonly number: number; readonly expectedHead: string; readonly expectedBase: string },
    signal: AbortSignal,
  ): Promise<PullRequest>
  /** Closes it without merging; closing what is closed changes nothing. */
  closePullRequest(remote: string, number: number, signal: AbortSignal): Promise<PullRequest>
}
