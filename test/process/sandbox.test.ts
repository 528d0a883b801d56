import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findMarked } from '../../src/process/marked.ts'
import { runMarked, startMarked } from '../../src/process/run-marked.ts'
import { bubblewrapArguments, type Mount, mountsOf, type Sandbox, seatbeltProfile } from '../../src/process/sandbox.ts'
import { findSandboxTool } from '../../src/process/sandbox-tool.ts'

const tool = await findSandboxTool()
const absent = 'problem' in tool
const LIMITS = { wallMs: 60_000, stallMs: 60_000, lineBytes: 65_536, totalBytes: 1_000_000 }
const never = new AbortController().signal

function makeWorld() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sandbox-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  for (const name of ['home/tools', 'home/secrets', 'home/work/tree', 'home/work/neighbour'])
    mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'home/secrets/key'), 'secret\n')
  writeFileSync(join(folder, 'home/tools/tool.sh'), '#!/bin/sh\necho tool\n', { mode: 0o755 })
  writeFileSync(join(folder, 'home/work/neighbour/lib'), 'lib\n')
  writeFileSync(join(folder, 'data.db'), 'data\n')
  const home = join(folder, 'home')
  const sandbox: Sandbox = {
    tool: absent ? { kind: 'bwrap', file: 'bwrap', nests: false } : tool,
    hidden: [home, join(folder, 'data.db')],
    readable: [join(home, 'tools'), join(home, 'work')],
    writable: [join(home, 'work/tree')],
    network: true,
  }
  return { folder, home, sandbox, tree: join(home, 'work/tree') }
}

async function inside(
  world: ReturnType<typeof makeWorld>,
  script: string,
  change: Partial<Sandbox> = {},
  signal = never,
) {
  const lines: string[] = []
  const mark = `sandbox-${Math.random().toString(36).slice(2)}`
  const command = { file: 'sh', args: ['-c', script], folder: world.tree, environment: { HOME: world.home }, mark, limits: LIMITS, input: 'given\n', sandbox: { ...world.sandbox, ...change } } // biome-ignore format: one call
  const end = await runMarked(command, (line) => void lines.push(line), signal)
  return { ...end, lines, left: await findMarked(mark) }
}

test('places are ordered from above to below, deeper ones count, and what is not there is left out', () => {
  const { home, sandbox } = makeWorld()
  const named = { ...sandbox, readable: [...sandbox.readable, '/usr', join(home, 'gone')] }
  const shown = mountsOf(named).flatMap(({ how, path }) =>
    path.startsWith(home) ? [`${how} ${path.slice(home.length - 4)}`] : [],
  )
  expect(shown).toEqual(
    expect.arrayContaining(['hide home', 'read home/work', 'read home/tools', 'write home/work/tree']),
  )
  expect(shown.indexOf('hide home')).toBeLessThan(shown.indexOf('read home/work'))
  expect(shown.indexOf('read home/work')).toBeLessThan(shown.indexOf('write home/work/tree'))
  expect(shown.some((line) => line.includes('usr') || line.includes('gone'))).toBe(false)
})

test('a link is shown where it lies and where it leads', () => {
  const { home, sandbox } = makeWorld()
  symlinkSync(join(home, 'tools'), join(home, 'linked'))
  const mounts = mountsOf({ ...sandbox, readable: [join(home, 'linked')] })
  expect(mounts).toContainEqual({ how: 'read', source: join(home, 'tools'), path: join(home, 'linked'), folder: true })
  expect(mounts).toContainEqual({ how: 'read', source: join(home, 'tools'), path: join(home, 'tools'), folder: true })
})

const MOUNTS: readonly Mount[] = [
  { how: 'hide', source: '/home/a', path: '/home/a', folder: true },
  { how: 'hide', source: '/srv/x.db', path: '/srv/x.db', folder: false },
  { how: 'read', source: '/home/a/.nvm', path: '/home/a/.nvm', folder: true },
  { how: 'write', source: '/home/a/"w"', path: '/home/a/"w"', folder: true },
]
const PLACE = { network: true, folder: '/home/a/"w"', scratch: '/tmp/s' }

test('bubblewrap is told of every place, and takes the powers of root and the network where they are not given', () => {
  const args = bubblewrapArguments(MOUNTS, { ...PLACE, root: false }).join(' ')
  expect(args).toBe(
    '--unshare-pid --unshare-ipc --die-with-parent --ro-bind / / --dev /dev --proc /proc --bind /tmp/s/0 /home/a ' +
      '--ro-bind /dev/null /srv/x.db --ro-bind /home/a/.nvm /home/a/.nvm --bind /home/a/"w" /home/a/"w" --chdir /home/a/"w" --json-status-fd 3',
  )
  const root = bubblewrapArguments(MOUNTS, { ...PLACE, network: false, root: true })
  expect(root).toContain('--unshare-net')
  expect(root.join(' ')).toContain('--cap-drop ALL')
  expect(root).not.toContain('CAP_SYS_ADMIN')
  expect(root).toContain('CAP_SETFCAP')
})

test('the profile of macOS says the same', () => {
  expect(seatbeltProfile(MOUNTS, { ...PLACE, network: false }).split('\n')).toEqual([
    '(version 1)',
    '(allow default)',
    '(deny file-write*)',
    '(allow file-write* (subpath "/dev"))',
    '(deny file-read-data file-write* (subpath "/home/a"))',
    '(deny file-read-data file-write* (literal "/srv/x.db"))',
    '(allow file-read* (subpath "/home/a/.nvm"))',
    '(deny file-write* (subpath "/home/a/.nvm"))',
    String.raw`(allow file-read* (subpath "/home/a/\"w\""))`,
    String.raw`(allow file-write* (subpath "/home/a/\"w\""))`,
    '(allow file-read* file-write* (subpath "/tmp/s"))',
    '(deny appleevent-send)',
    '(deny job-creation)',
    '(deny network*)',
    '(allow network* (local ip "localhost:*"))',
    '(allow network* (remote ip "localhost:*"))',
  ])
})

test('a system without a sandbox says what to install', () => {
  if (absent) expect(tool.problem).toMatch(/bubblewrap|allow|none/)
  else expect(tool.file).toMatch(/bwrap|sandbox-exec/)
})

test.skipIf(absent)('streams, working folder, environment and exit code are those of the program', async () => {
  const world = makeWorld()
  const end = await inside(world, 'read line; echo "$line"; pwd; echo "$HOME"; echo oops >&2; exit 7')
  expect(end).toMatchObject({
    reason: 'exited',
    exitCode: 7,
    lines: ['given', world.tree, world.home],
    stderr: 'oops\n',
    left: [],
  })
  expect(await inside(world, 'kill -9 $$')).toMatchObject({ reason: 'exited', signal: 'SIGKILL' })
})

test.skipIf(absent)('a program that is not there, or is hidden, was not started', async () => {
  const world = makeWorld()
  for (const file of ['speki-has-no-such-program', join(world.home, 'secrets', 'key')]) {
    const command = { file, args: [], folder: world.tree, environment: {}, mark: 'none', limits: LIMITS, input: '', sandbox: world.sandbox } // biome-ignore format: one call
    expect(await runMarked(command, () => {}, never)).toMatchObject({ reason: 'not_started', exitCode: undefined })
  }
})

test.skipIf(absent)('only what is named is written, and only what is shown is read', async () => {
  const world = makeWorld()
  const end = await inside(
    world,
    `echo mine > made.txt; cat ../neighbour/lib; "$HOME/tools/tool.sh"
echo x >> ../neighbour/lib || echo "neighbour kept"
echo x > ${world.folder}/outside.txt
cat "$HOME/secrets/key" || echo "secret hidden"
cat ${world.folder}/data.db || echo "data hidden"
echo x > "$HOME/passing" && ls "$HOME" | tr '\\n' ' '; echo
echo x > "$TMPDIR/passing" && echo "temporary"
ls -ln made.txt | cut -d' ' -f3`,
  )
  const user = String(process.getuid?.())
  expect(end.lines.slice(0, 5)).toEqual(['lib', 'tool', 'neighbour kept', 'secret hidden', 'data hidden'])
  expect(end.lines.slice(5)).toEqual(['passing tools work ', 'temporary', user])
  expect(readFileSync(join(world.tree, 'made.txt'), 'utf8')).toBe('mine\n')
  expect(readdirSync(world.home)).not.toContain('passing')
  expect(readdirSync(world.folder)).not.toContain('outside.txt')
})

test.skipIf(absent)('what is written to hidden places is gone at the end', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('speki-inside-'))
  const world = makeWorld()
  await inside(world, 'mkdir -p "$HOME/a/b"; echo x > "$HOME/a/b/c"; chmod 000 "$HOME/a"')
  const after = readdirSync(tmpdir()).filter((name) => name.startsWith('speki-inside-'))
  expect(after.filter((name) => !before.includes(name))).toEqual([])
})

test.skipIf(absent)('the environment of other processes is not there to be read', async () => {
  const world = makeWorld()
  const end = await inside(
    world,
    `cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -c VITEST_WORKER_ID; ls /proc | grep -c '^[0-9]'`,
  )
  expect(end.lines[0]).toBe('0')
  expect(Number(end.lines[1])).toBeLessThan(10)
})

test.skipIf(absent).each([
  ['a session of its own', 'setsid sleep 300 >/dev/null 2>&1 &'],
  ['no variable and no parent', '(env -i setsid sleep 300 >/dev/null 2>&1 &) ; sleep 0.2'],
  ['another folder and nothing open', '(cd /; env -i setsid sh -c "exec 0<&- 1>&- 2>&-; sleep 300" &) ; sleep 0.2'],
  ['two forks', 'sh -c "setsid sh -c \\"sleep 300 & sleep 300\\" >/dev/null 2>&1 &" ; sleep 0.2'],
])('a process with %s ends with the program', async (_, script) => {
  const world = makeWorld()
  const stamp = `${300 + Math.floor(Math.random() * 1e6)}`
  await inside(world, script.replaceAll('300', stamp))
  // Nothing waits here: what is inside is gone when the program is said to have ended.
  const living = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && commandOf(name).includes(stamp))
  expect(living).toEqual([])
})

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

test.skipIf(absent)('what runs inside is found by its mark, and ended', async () => {
  const world = makeWorld()
  const stop = new AbortController()
  const { promise: begun, resolve } = Promise.withResolvers<void>()
  const mark = 'sandbox-ended'
  const command = { file: 'sh', args: ['-c', 'setsid sleep 301 & echo begun; sleep 302'], folder: world.tree, environment: {}, mark, limits: LIMITS, input: '', sandbox: world.sandbox } // biome-ignore format: one call
  const run = startMarked(command, () => resolve(), stop.signal)
  await begun
  expect((await findMarked(mark)).length).toBeGreaterThanOrEqual(3)
  stop.abort()
  expect(await run.end).toMatchObject({ reason: 'cancelled' })
  expect(await findMarked(mark)).toEqual([])
})

test.skipIf(absent)('without the network there is only the own machine', async () => {
  const world = makeWorld()
  const code = `const { createServer, connect } = require('net'); const os = require('os')
const outward = Object.values(os.networkInterfaces()).flat().filter(({ internal }) => !internal)
const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1', () =>
  connect(server.address().port, '127.0.0.1').on('data', (text) => { console.log(outward.length, String(text)); process.exit() }))`
  const change = { network: false, readable: [...world.sandbox.readable, process.execPath] }
  expect(
    (await inside(world, `'${process.execPath}' -e "$0"`.replace('"$0"', `"${code.replaceAll('"', '\\"')}"`), change))
      .lines,
  ).toEqual(['0 hello'])
})
