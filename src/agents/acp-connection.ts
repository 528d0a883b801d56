import type { AnyMessage, ClientApp, ClientContext } from '@agentclientprotocol/sdk'
import type { Json } from './json-line.ts'

/** The library's end of a conversation over the lines of a program that is ours to run. */
export interface AcpConnection {
  readonly agent: ClientContext
  /** Gives it one object that the program printed. */
  take(object: Json): void
  /** Whatever is still waited for is given up. */
  close(): void
}

export function connectAcp(app: ClientApp, write: (text: string) => void): AcpConnection {
  let enqueue: (message: AnyMessage) => void = () => {}
  const connection = app.connect({
    readable: new ReadableStream<AnyMessage>({
      start(controller) {
        enqueue = (message) => controller.enqueue(message)
      },
    }),
    writable: new WritableStream<AnyMessage>({ write: (message) => write(`${JSON.stringify(message)}\n`) }),
  })
  return {
    agent: connection.agent,
    take(object) {
      // The library looks itself whether it is a message.
      if (!connection.signal.aborted) enqueue(object as unknown as AnyMessage)
    },
    close: () => connection.close(),
  }
}
