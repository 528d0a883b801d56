import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { execa } from 'execa'
import type { ModelRequest } from './model-endpoint.ts'

const BIN = join(import.meta.dirname, 'node_modules', '.bin')

/** Whether `npm ci --prefix test/clients` was run. */
export const clientsInstalled = ['claude', 'codex'].every((name) => existsSync(join(BIN, name)))

const MISSING = 'test/clients is not installed: npm ci --prefix test/clients'
// Reporters count skipped tests without a name; this they print.
if (!clientsInstalled) console.warn(`SKIPPED: ${MISSING}`)

/** The name of a suite, which says how to make it run where it is skipped. */
export function suiteName(name: string): string {
  return clientsInstalled ? name : `${name} (SKIPPED: ${MISSING})`
}

/** An MCP server for a client to start over stdio. */
export interface ServerCommand {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** A call of an MCP tool as the client itself reports it. */
export interface ReportedCall {
  readonly server: string
  readonly tool: string
  readonly failed: boolean
}

/** What a headless run left behind. */
export interface ClientRun {
  readonly exitCode: number | undefined
  readonly stderr: string
  /** The client's own event stream, parsed. */
  readonly events: readonly Readonly<Record<string, unknown>>[]
  readonly calls: readonly ReportedCall[]
  /** The model's last words as the client reports them. */
  readonly said: string
  /** What the model was shown, oldest first. */
  readonly requests: readonly ModelRequest[]
  /** Hosts beyond loopback that the client tried to reach, in vain. */
  readonly refusedHosts: readonly string[]
}

/** A fresh folder for a client: its `HOME`, with `config` for its configuration. The caller removes it. */
export async function createHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'agent-client-'))
  await mkdir(join(home, 'config'))
  return home
}

export async function removeHome(home: string): Promise<void> {
  await rm(home, { recursive: true, force: true, maxRetries: 5 })
}

export interface IsolatedOptions {
  readonly cwd: string
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  /** Where everything beyond loopback goes, to be refused. */
  readonly proxy: string
  readonly signal: AbortSignal
  /** Ends the program at once, as a crash would; it is then a result like any other. */
  readonly crash?: AbortSignal | undefined
}

/**
 * Runs a program with an environment made from nothing: PATH with the clients and this very Node first, a fresh home,
 * no way out but the proxy. Rejects only where the program could not start or `signal` ended it.
 */
export async function runIsolated(file: string, args: readonly string[], options: IsolatedOptions) {
  const running = execa(file, args, {
    cwd: options.cwd,
    extendEnv: false,
    env: {
      PATH: [BIN, dirname(process.execPath), process.env['PATH']].join(delimiter),
      HOME: options.home,
      LANG: 'C.UTF-8',
      HTTP_PROXY: options.proxy,
      HTTPS_PROXY: options.proxy,
      NO_PROXY: '127.0.0.1,localhost',
      ...options.env,
    },
    stdin: 'ignore',
    reject: false,
    cancelSignal: options.signal,
    forceKillAfterDelay: 2000,
    maxBuffer: 64 * 1024 * 1024,
  })
  options.crash?.addEventListener('abort', () => running.kill('SIGKILL'))
  const { exitCode, stdout, stderr, isCanceled } = await running
  if (isCanceled) throw new Error(`${file} did not end in time\n${stdout.slice(-4000)}\n${stderr.slice(-4000)}`)
  return { exitCode, stdout, stderr }
}

/** A port nobody listens on: programs that need no model need no network either. */
export const CLOSED_PROXY = 'http://127.0.0.1:9'

/**
 * Runs command lines as a person would type them, in one fresh home, and returns what the last one printed.
 * Throws where one fails.
 */
export async function runLines(lines: readonly string[], options: IsolatedOptions): Promise<string> {
  let printed = ''
  for (const line of lines) {
    const { exitCode, stdout, stderr } = await runIsolated('sh', ['-c', line], options)
    if (exitCode !== 0) throw new Error(`${line} ended with ${exitCode}: ${stderr || stdout}`)
    printed = stdout
  }
  return printed
}
