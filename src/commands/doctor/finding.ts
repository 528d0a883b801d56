/** What doctor says of one thing. */
export interface Finding {
  readonly subject: string
  readonly state: 'ok' | 'warning' | 'failed'
  readonly detail: string
}
