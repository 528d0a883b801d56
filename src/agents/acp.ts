import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { client, methods, RequestError } from '@agentclientprotocol/sdk'
import { z } from 'zod'
import type { AgentEvent } from '../../schemas/agent.ts'
import { logFailure } from '../log.ts'
import { startMarked } from '../process/run-marked.ts'
import { createAcpClient } from './acp-client.ts'
import { type AcpConnection, connectAcp } from './acp-connection.ts'
import { type AcpHello, describeError, failedPrompt, greet, openSession } from './acp-session.ts'
import { createAcpStream } from './acp-stream.ts'
import type { Agent, AgentJob, AgentProbe } from './agent.ts'
import { parseObject } from './json-line.ts'
import { lookFor } from './look-at-program.ts'
import { PROBE_LIMITS } from './probe-program.ts'
import type { SessionRecord } from './record.ts'
import { runSession, type SessionDriver, type Talk, type Verdict } from './session.ts'

/** How long an agent may take to go: many stay, though nobody speaks to them any more. */
const GOODBYE_MS = 1000

/** Any program that speaks the Agent Client Protocol on stdin and stdout. It need not tell its cost, and never its turns. */
export function createAcpAgent(command: readonly string[]): Agent {
  return {
    name: 'acp',
    // The program may be an interpreter, whose version is not the agent's.
    look: async () => ({
      ...(await lookFor(command[0] ?? '', ['mcp'], missing(command[0] ?? ''))),
      version: undefined,
    }),
    probe: async (signal) => await probe(command, signal),
    run: async (job, onEvent, signal) => await runSession(job, createDriver(command, job), onEvent, signal),
  }
}

const missing = (file: string) => `${file} cannot be started: name a program that is installed, or its whole path.`

/** Only hello is said. */
async function probe(command: readonly string[], signal: AbortSignal): Promise<AgentProbe> {
  const [file = '', ...args] = command
  const heard = new AbortController()
  let connection: AcpConnection | undefined
  const run = startMarked(
    { file, args, folder: tmpdir(), environment: {}, mark: randomUUID(), limits: PROBE_LIMITS, input: undefined },
    (line) => {
      const object = parseObject(line)
      if (object !== undefined) connection?.take(object)
    },
    AbortSignal.any([signal, heard.signal]),
  )
  connection = connectAcp(client({ name: 'speki' }), run.write)
  const hello = greet(connection.agent).then(
    (greeting): AcpHello | string => greeting,
    (error: unknown) => describeError(error),
  )
  void hello.then(() => heard.abort())
  const end = await run.end
  connection.close()
  const greeting = await hello
  if (typeof greeting !== 'string') {
    const features = new Set(['mcp' as const, ...(greeting.resume === undefined ? [] : ['resume' as const])])
    return { version: greeting.version, features, problem: undefined }
  }
  const problem =
    end.reason === 'not_started'
      ? missing(file)
      : `${command.join(' ')} is no agent of the Agent Client Protocol: ${greeting} ${end.stderr.trim().split('\n').at(-1) ?? ''}`
  return { version: undefined, features: new Set(), problem: problem.trim() }
}

function createDriver(command: readonly string[], job: AgentJob): SessionDriver {
  const [file = '', ...args] = command
  const stream = createAcpStream()
  let connection: AcpConnection | undefined
  /** The session that is asked to work. */
  let working: string | undefined
  let told = false
  let end: ((record: SessionRecord) => Verdict) | undefined

  const converse = async ({ agent }: AcpConnection, talk: Talk) => {
    const conclude = (verdict: (record: SessionRecord) => Verdict, last: () => readonly AgentEvent[]) => {
      talk.closeInput()
      // What it answers when it was told to stop, or is gone, says nothing.
      if (told || talk.over.aborted) return
      end = verdict
      for (const event of last()) talk.emit(event)
    }
    const fail = (verdict: Verdict) =>
      conclude(
        () => verdict,
        () => [...stream.flush(), { type: 'error', message: verdict.detail, retryable: false }],
      )
    try {
      const hello = await greet(agent)
      const session = await openSession(agent, hello, job)
      const { version, resume } = hello
      // One that cannot be resumed has no name for us.
      if (resume !== undefined) talk.emit({ type: 'session', session, ...(version !== undefined && { version }) })
      working = session
      stream.begin()
    } catch (error) {
      return fail({ outcome: 'not_started', detail: describeError(error) })
    }
    const prompt = [{ type: 'text' as const, text: job.prompt }]
    try {
      const answer = await agent.request(methods.agent.session.prompt, { sessionId: working, prompt })
      const { stopReason, usage } = Answer.parse(answer)
      conclude(
        (record) => judge(stopReason, record),
        () => stream.end(usage),
      )
    } catch (error) {
      if (error instanceof RequestError) fail(failedPrompt(error))
    }
  }

  return {
    file,
    args,
    environment: {},
    input: undefined,
    begin(talk) {
      const opened = connectAcp(createAcpClient(job, stream, talk.emit), talk.write)
      connection = opened
      talk.over.addEventListener('abort', opened.close, { once: true })
      void converse(opened, talk)
    },
    read(object) {
      if (object['jsonrpc'] !== '2.0') return [{ type: 'other', kind: 'no message of the protocol' }]
      if (object['method'] === 'session/update') return stream.read(Params.parse(object['params']).update)
      connection?.take(object)
      return []
    },
    goodbyeMs: GOODBYE_MS,
    interrupt() {
      told = true
      if (working === undefined || end !== undefined) return false
      void connection?.agent
        .notify(methods.agent.session.cancel, { sessionId: working })
        .catch(logFailure('agent.cancel'))
      return true
    },
    exited: (code, printed) => ({
      outcome: working === undefined ? 'not_started' : 'crashed',
      detail:
        `It ended with exit code ${code} ${working === undefined ? 'before a session began' : 'in the middle of its work'}. ${printed}`.trim(),
    }),
    finish: async () => stream.flush(),
    verdict: (record) => end?.(record),
  }
}

const Params = z.object({ update: z.unknown().optional() }).catch({})
const Answer = z
  .object({ stopReason: z.string(), usage: z.unknown().optional() })
  .catch({ stopReason: 'no reason', usage: undefined })

/** What the answer to the prompt means. */
function judge(reason: string, record: SessionRecord): Verdict {
  const last = parseObject(record.lastMessage())
  if (reason === 'max_turn_requests' || reason === 'max_tokens')
    return { outcome: 'turn_limit', detail: `The agent stopped at a limit of its own (${reason}).` }
  if (reason === 'refusal') return { outcome: 'denied', detail: 'The agent refused to go on.' }
  if (reason !== 'end_turn') return { outcome: 'crashed', detail: `It stopped with ${reason}.` }
  if (record.gaveUp()) return { outcome: 'denied', detail: record.denials().at(-1) ?? '', answer: last }
  return { outcome: 'ended', detail: '', answer: last }
}
