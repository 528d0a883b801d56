import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { onTestFinished } from 'vitest'

// Nothing here imports the MCP SDK or zod: in this folder such an import would find the copies that the suites bring,
// not those of the product.

const MODULES = join(import.meta.dirname, 'node_modules')
const SUITE = join(MODULES, '@modelcontextprotocol', 'conformance', 'dist', 'index.js')
const RELEASED_SUITE = join(MODULES, 'conformance-released', 'dist', 'index.js')
const INSPECTOR = join(MODULES, '@modelcontextprotocol', 'inspector', 'clients', 'launcher', 'build', 'index.js')
const PRODUCT = join(import.meta.dirname, '..', '..', 'bin', 'speki.js')

/** Whether `npm ci --prefix test/conformance` was run. */
export const suitesInstalled = [SUITE, RELEASED_SUITE, INSPECTOR].every((file) => existsSync(file))

/** The name of a suite, which says how to make it run where it is skipped. */
export function suiteName(name: string): string {
  if (suitesInstalled) return name
  return `${name} (SKIPPED, test/conformance is not installed: npm ci --prefix test/conformance)`
}

/** A folder that goes when the test ends. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'speki-conformance-'))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

export interface Verdict {
  readonly exitCode: number | undefined
  /** Scenarios that decide the exit code, with the checks that passed in each. */
  readonly scored: Readonly<Record<string, number>>
  /** Names of scenarios that failed, of those and of the ones only reported. */
  readonly failed: readonly string[]
  readonly output: string
}

/** Runs the conformance suite against a server; `released` is the suite before 2026-07-28. */
export async function runSuite(
  url: string,
  args: readonly string[],
  version: 'current' | 'released' = 'current',
): Promise<Verdict> {
  const folder = await temporaryFolder()
  const { exitCode, all } = await execa(
    process.execPath,
    [version === 'current' ? SUITE : RELEASED_SUITE, 'server', '--url', url, ...args],
    { cwd: folder, all: true, reject: false, timeout: 120_000, env: { NO_COLOR: '1' } },
  )
  const unscored = new Set([...all.matchAll(/^ {2}[✓✗] (\S+) \(/gm)].map(([, name]) => name))
  const summary = [...all.matchAll(/^([✓✗]) (\S+): (\d+) passed, \d+ failed/gm)]
  return {
    exitCode,
    scored: Object.fromEntries(
      summary.flatMap(([, , name = '', passed]) => (unscored.has(name) ? [] : [[name, Number(passed)]])),
    ),
    failed: summary.flatMap(([, mark, name = '']) => (mark === '✗' ? [name] : [])),
    output: all,
  }
}

/** Runs MCP Inspector on the product over stdio. Exits 6 on a schema that a model API would refuse, 5 on `isError`. */
export async function inspect(
  era: 'modern' | 'legacy',
  args: readonly string[],
): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
  const home = await temporaryFolder()
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [
      ...[INSPECTOR, '--cli', '-q', '--protocol-era', era, ...args],
      ...[process.execPath, PRODUCT, 'mcp', '--db', join(home, 'speki.db')],
    ],
    { cwd: home, reject: false, timeout: 60_000, env: { HOME: home, MCP_INSPECTOR_SECRET_STORE: 'memory' } },
  )
  return { exitCode, stdout, stderr }
}

/** An address at which every request gets a token, as the suites send none of their own. */
export async function authorized(url: string, token: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const server = createServer((incoming, answer) => {
    const { method, headers, url: path } = incoming
    const sent = { ...headers, authorization: `Bearer ${token}` }
    const outgoing = request({ hostname, port, method, path, headers: sent, agent: false }, (reply) => {
      answer.writeHead(reply.statusCode ?? 500, reply.headers)
      reply.pipe(answer)
    })
    outgoing.on('error', () => answer.destroy())
    answer.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}

/** Starts `speki serve` on a free port and a new database, as a user does, until the test ends. */
export async function serveProduct(): Promise<string> {
  const home = await temporaryFolder()
  const child = execa(process.execPath, [PRODUCT, 'serve', '--port', '0', '--db', join(home, 'speki.db')], {
    cwd: home,
    reject: false,
    env: { HOME: home, SPEKI_HOME: home },
  })
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await child
  })
  // Leaving execa's own iterable would wait for the end of the process.
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /^speki listening on (\S+)$/.exec(line)?.[1]
    if (url !== undefined) return await authorized(url, (await readFile(join(home, 'serve-token'), 'utf8')).trim())
  }
  const { exitCode, stderr } = await child
  throw new Error(`speki serve ended with ${exitCode}: ${stderr}`)
}
