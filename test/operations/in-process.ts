import { hostname } from 'node:os'
import type { Principal } from '../../schemas/actor.ts'
import { createRuntime } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { agentPrincipal } from '../../src/domain/access/principals.ts'
import { processSession } from '../../src/domain/access/session.ts'
import { callOperation } from '../../src/operations/call.ts'
import { describeFailure } from '../../src/operations/failure.ts'
import { wordAsCall } from '../../src/step.ts'
import type { Agent, Answer } from '../mcp/connect.ts'

export type Caller = Pick<Agent, 'call' | 'ok'>

/** A workspace in this process: the operations as a model's door calls them, without the protocol between. No worker starts. */
export function openInProcess(db: string, project: string) {
  const runtime = { ...createRuntime(readConfig({ db, project })), startWorker: async () => undefined }
  return {
    as: (caller: Principal): Caller => {
      const call = async (name: string, args: Record<string, unknown> = {}): Promise<Answer> => {
        try {
          const signal = new AbortController().signal
          const answer = await callOperation(runtime, name, args, {
            ...{ caller, signal, word: wordAsCall, progress: () => undefined },
          })
          return { isError: false, text: answer.summary, output: answer.output }
        } catch (error) {
          return { isError: true, text: describeFailure(error, name), output: {} }
        }
      }
      return {
        call,
        async ok(name, args) {
          const answer = await call(name, args)
          if (answer.isError) throw new Error(`${name}: ${answer.text}`)
          return answer.output as never
        },
      }
    },
    close: async () => await runtime.close(),
  }
}

/** An agent of this process; each `name` is a session of its own, which lives as long as the process. */
export function agentNamed(name: string): Principal {
  const session = processSession(hostname(), process.pid, name)
  return agentPrincipal({ client: name, session, onBehalfOf: 'tester' })
}
