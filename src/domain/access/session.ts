/**
 * A session names the process that serves it, and where that serves several, its connection:
 * `host/pid/start[/connection]`. `host` and `pid` say whether it can still be alive. A connection `-…` is a request that
 * stands alone: its session is over with its answer; `@…` is the one client of a process that ends with it.
 */
export type Session = string

/** The session of this process: a stdio server, or a command. `start` tells it from an earlier process of the same id. */
export function processSession(host: string, pid: number, start: string): Session {
  return `${host.replaceAll('/', '-')}/${pid}/${start}`
}

/**
 * The session of a process that lives as long as the client it serves, as a stdio server does. With its `start`, which the
 * system shows, it is told from a later process of the same id; empty where the system shows none.
 */
export function clientSession(process: Session, start: string): Session {
  return `${process}/@${start.replaceAll('/', '-')}`
}

/** A connection to a process that serves many. */
export function connectionSession(process: Session, connection: string): Session {
  return `${process}/${connection}`
}

/** A request that belongs to no connection, as those of the 2026-07-28 protocol over HTTP. */
export function loneSession(process: Session, request: string): Session {
  return `${process}/-${request}`
}

export function isLone(session: Session): boolean {
  return session.split('/')[3]?.startsWith('-') ?? false
}

/** Whether the client of a session ended with its process on this machine; false where that cannot be known. */
export function isClientGone(
  session: Session,
  here: { readonly host: string; isAlive(pid: number): boolean; startOf(pid: number): string | undefined },
): boolean {
  const [host, pid, , client] = session.split('/')
  if (client?.startsWith('@') !== true || host !== here.host.replaceAll('/', '-')) return false
  if (!here.isAlive(Number(pid))) return true
  const start = here.startOf(Number(pid))?.replaceAll('/', '-')
  return client !== '@' && start !== undefined && client !== `@${start}`
}

/** Whether nobody can come back through a session; false where that cannot be known, as for another machine. */
export function isOver(session: Session, here: { readonly host: string; isAlive(pid: number): boolean }): boolean {
  const [host, pid] = session.split('/')
  return isLone(session) || (host === here.host.replaceAll('/', '-') && !here.isAlive(Number(pid)))
}
