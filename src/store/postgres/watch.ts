import pg from 'pg'
import { logFailure } from '../../log.ts'

/** How long a connection that broke waits before the next. */
const RECONNECT_MS = 1000

/** Calls `changed` after commits that appended, by a connection of its own, until the returned function is called. */
export function listen(url: string, changed: () => void): () => void {
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  let ended = false
  const connect = () => {
    const fresh = new pg.Client({ connectionString: url })
    client = fresh
    fresh.on('notification', changed)
    // Also where it was never made: 'end' alone would not tell.
    const again = () => {
      if (client !== fresh) return
      client = undefined
      close(fresh)
      if (!ended) timer = setTimeout(connect, RECONNECT_MS)
    }
    fresh.on('error', again)
    fresh.on('end', again)
    fresh
      .connect()
      .then(async () => await fresh.query('LISTEN speki_appended'))
      // What was appended before this connection listened.
      .then(changed, again)
  }
  connect()
  return () => {
    ended = true
    clearTimeout(timer)
    if (client !== undefined) close(client)
  }
}

/** One that is broken already cannot be ended, and need not be. */
function close(client: pg.Client): void {
  client.end().catch(logFailure('postgres.listener_end'))
}
