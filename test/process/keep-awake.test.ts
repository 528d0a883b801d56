import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const MODULE = fileURLToPath(new URL('../../src/process/keep-awake.ts', import.meta.url))
const NAMES: Readonly<Partial<Record<NodeJS.Platform, string>>> = { linux: 'systemd-inhibit', darwin: 'caffeinate' }
const name = NAMES[process.platform]

/** A process that keeps the system awake, on a machine where the system's own program writes down its process id. */
function start(program: string | undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'awake-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [pidFile, argsFile] = [join(folder, 'pid'), join(folder, 'args')]
  if (program !== undefined) {
    const file = join(folder, program)
    // As the real ones do: hold on for as long as the command, or the process that was named, lives.
    const holds = `while [ "\${1#--}" != "$1" ]; do shift; done\n[ "$1" = tail ] && exec "$@"\nexec tail --pid="$3" -f /dev/null\n`
    writeFileSync(file, `#!/bin/sh\necho "$@" > '${argsFile}'\necho $$ > '${pidFile}'\n${holds}`)
    chmodSync(file, 0o755)
  }
  const script = `const { keepAwake } = await import(${JSON.stringify(MODULE)}); const stop = keepAwake(); process.stdin.on('data', () => { stop(); console.log('stopped') })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, PATH: program === undefined ? folder : `${folder}:${process.env['PATH']}` },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, pidFile, argsFile }
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test.skipIf(name === undefined)('the system stays awake until it may sleep, or its process is gone', async () => {
  for (const end of ['stop', 'kill']) {
    const { child, pidFile, argsFile } = start(name)
    await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '').toBe(true)
    const pid = Number(readFileSync(pidFile, 'utf8'))
    expect(readFileSync(argsFile, 'utf8')).toContain(String(child.pid))
    expect(isAlive(pid)).toBe(true)
    if (end === 'stop') child.stdin.write('x')
    else child.kill('SIGKILL')
    await expect.poll(() => isAlive(pid)).toBe(false)
  }
})

test('a system without such a program is no reason to fail', async () => {
  const { child } = start(undefined)
  child.stdin.write('x')
  const [told] = await once(child.stdout, 'data')
  expect(String(told)).toContain('stopped')
})
