import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, onTestFinished } from 'vitest'

/** What users run: the bundle, which test/build.ts makes anew. */
export const CLI = resolve(import.meta.dirname, '../../bin/speki.js')

/** Where to leave what has to be ended: at the end of the test, unless it says otherwise. */
type AtEnd = (end: () => Promise<void>) => void

/** What the tests of a file, or of a group, use together: made before them, ended after them. */
export function shared<T>(make: (atEnd: AtEnd) => Promise<T>): () => T {
  const ends: (() => Promise<void>)[] = []
  let made: { readonly value: T } | undefined
  beforeAll(async () => {
    made = { value: await make((end) => ends.push(end)) }
  })
  afterAll(async () => {
    for (const end of ends.toReversed()) await end()
  })
  return () => {
    if (made === undefined) throw new Error('It is made before the tests, not before that.')
    return made.value
  }
}

/** A folder that goes when the test ends; its real path, as programs tell it. */
export async function temporaryFolder(atEnd: AtEnd = onTestFinished): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'speki-test-')))
  atEnd(async () => await rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

export interface Answer {
  readonly isError: boolean
  readonly text: string
  readonly output: Record<string, unknown>
}

export interface Agent {
  call(tool: string, args?: Record<string, unknown>): Promise<Answer>
  /** Throws where the tool refused. */
  ok<T = Record<string, unknown>>(tool: string, args?: Record<string, unknown>): Promise<T>
  readonly client: Client | ClientV1
  readonly pid: number
  close(): Promise<void>
}

interface ConnectOptions {
  /** The SQLite file; without it, what the environment names. */
  readonly db?: string
  readonly name?: string
  readonly args?: readonly string[]
  readonly env?: Record<string, string>
}

/** A real client of today's protocol on a real server process. */
export async function connect(options: ConnectOptions, atEnd: AtEnd = onTestFinished): Promise<Agent> {
  const client = new Client(
    { name: options.name ?? 'test-agent', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  )
  const transport = new StdioClientTransport(launch(options))
  await client.connect(transport)
  return wrap(client, transport.pid ?? 0, atEnd)
}

/** The same with the SDK of the generation before, which speaks the revisions of 2025. */
export async function connectV1(options: ConnectOptions, atEnd: AtEnd = onTestFinished): Promise<Agent> {
  const client = new ClientV1({ name: options.name ?? 'test-agent-v1', version: '1.0.0' })
  const transport = new TransportV1(launch(options))
  await client.connect(transport)
  return wrap(client, transport.pid ?? 0, atEnd)
}

function launch(options: ConnectOptions) {
  const env = { ...(process.env as Record<string, string>), SPEKI_USER: 'tester', ...options.env }
  return {
    command: process.execPath,
    args: [CLI, 'mcp', ...(options.db === undefined ? [] : ['--db', options.db]), ...(options.args ?? [])],
    env,
    stderr: 'pipe' as const,
  }
}

function wrap(client: Client | ClientV1, pid: number, atEnd: AtEnd): Agent {
  let open = true
  const close = async () => {
    if (open) await client.close()
    open = false
  }
  atEnd(close)
  async function call(tool: string, args: Record<string, unknown> = {}): Promise<Answer> {
    const result = (await client.callTool({ name: tool, arguments: args })) as {
      isError?: boolean
      content: { text?: string }[]
      structuredContent?: Record<string, unknown>
    }
    return {
      isError: result.isError === true,
      text: result.content.map((block) => block.text ?? '').join('\n'),
      output: result.structuredContent ?? {},
    }
  }
  return {
    client,
    pid,
    call,
    async ok(tool, args) {
      const answer = await call(tool, args)
      if (answer.isError) throw new Error(`${tool}: ${answer.text}`)
      return answer.output as never
    },
    close,
  }
}

/** A server without a client: raw lines in and out. */
export function startRaw(
  db: string,
  args: readonly string[] = [],
): {
  child: ChildProcess
  send: (line: string) => void
  lines: string[]
  next: () => Promise<string>
  exit: Promise<number | null>
} {
  const child = spawn(process.execPath, [CLI, 'mcp', '--db', db, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  const waiting: ((line: string) => void)[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const take = waiting.shift()
    if (take === undefined) lines.push(line)
    else take(line)
  })
  return {
    child,
    lines,
    send: (line) => void child.stdin.write(`${line}\n`),
    next: async () => lines.shift() ?? (await new Promise<string>((take) => waiting.push(take))),
    exit: new Promise((done) => child.once('exit', done)),
  }
}
