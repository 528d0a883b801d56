import type { Session } from '../domain/access/session.ts'
import type { RepositoryProbe } from '../domain/repository/repository.ts'
import type { Service } from '../domain/service.ts'
import type { ExecutionContext } from '../execution/context.ts'

/** What `app.ts` hands to a front end. The database opens with the first call that needs it, not before. */
export interface Runtime {
  /** Opens the workspace once; later calls get the same one. */
  open(): Promise<Service>
  readonly probe: RepositoryProbe
  /** What execution needs, on the opened workspace. */
  execution(): Promise<ExecutionContext>
  /** Starts a worker in the background that ends when nothing is left to do; resolves when its process is there. */
  startWorker(): Promise<void>
  readonly packageRoot: string
  /** Folder of the project the client works in. */
  readonly project: string
  readonly version: string
  /** The person at this machine. */
  readonly user: string
  /** The name given to the agent that works here; undefined where a client's own name is to count. */
  readonly agent: string | undefined
  /** The session of this process. */
  readonly session: Session
  /** The same, of the one client that this process ends with. */
  clientSession(): Promise<Session>
  close(): Promise<void>
}
