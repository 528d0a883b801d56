import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openBridge } from '../../src/agents/server-bridge.ts'
import { runMarked } from '../../src/process/run-marked.ts'
import { findSandboxTool } from '../../src/process/sandbox-tool.ts'

const tool = await findSandboxTool()
const LIMITS = { wallMs: 60_000, stallMs: 60_000, lineBytes: 65_536, totalBytes: 1_000_000 }

/** Says what it reads, and whether it sees a file. */
const SERVER = `process.stdin.on('data', (text) => process.stdout.write(text + require('node:fs').existsSync(process.env.DATA) + '\\n'))
process.stdin.on('end', () => process.exit())`

test('a server outside of a sandbox is spoken to from inside, and sees what the inside does not', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'bridge-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const data = join(folder, 'data.db')
  writeFileSync(data, 'data')
  const server = { name: 'speki', command: process.execPath, args: ['-e', SERVER], env: { DATA: data } }
  const bridge = await openBridge(server, 'bridge-test')
  const ask = async (text: string) => {
    const lines: string[] = []
    const { command: file, args, env } = bridge.server
    const inside = { hidden: [folder], readable: [bridge.folder, process.execPath], writable: [], network: false }
    const sandbox = 'problem' in tool ? undefined : { tool, ...inside }
    const run = { file, args, folder: '/', environment: env, mark: `client-${text}`, limits: LIMITS, sandbox }
    await runMarked({ ...run, input: `${text}\n` }, (line) => void lines.push(line), AbortSignal.timeout(60_000))
    return lines
  }
  expect(await Promise.all([ask('one'), ask('two')])).toEqual([
    ['one', 'true'],
    ['two', 'true'],
  ])
  await bridge[Symbol.asyncDispose]()
  expect(existsSync(bridge.folder)).toBe(false)
})
