import { mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { harmOf } from '../../test/harm/world.ts'
import { type Server, startServer } from '../server.ts'
import { breakSomething, type Change, testFiles } from './changes.ts'
import { copyClone, git, moveIn, pictureOf } from './clone.ts'
import { ownRight, ownSlip, readOwn } from './own.ts'
import { baseOf, checksOf, type Played, play, untilWorkersEnd } from './play.ts'
import { addFunction } from './right.ts'
import { type InShell, inShell } from './shell.ts'

export interface Check {
  readonly kind: string
  readonly line: string
  readonly source: string
  readonly shell: InShell
  /** How it went where SPEKI ran it on the base; empty where it did not. */
  readonly base: readonly string[]
  /** Why it was switched off, as a person would after the preflight said so. */
  readonly off?: string
}

/** What was found with one clone. */
export interface Found {
  readonly name: string
  readonly commit: string
  readonly checks: readonly Check[]
  readonly plays: readonly {
    readonly title: string
    readonly what: string
    readonly right: boolean
    readonly played: Played
  }[]
  /** What of it could not be tried, and why. */
  readonly notes: readonly string[]
  /** What of the clone is not as the person left it. */
  readonly harm: readonly string[]
}

/** Plays right and wrong work in a copy of a clone; the clone itself is only read. */
export async function tryClone(clone: string, folder: string): Promise<Found> {
  const server = await startServer(join(folder, 'speki.db'))
  try {
    return await playAll(server, clone, folder)
  } finally {
    await server.close()
  }
}

async function playAll(server: Server, clone: string, folder: string): Promise<Found> {
  const name = basename(clone)
  const own = readOwn(name)
  const root = join(folder, name)
  const person = join(folder, 'person', name)
  mkdirSync(join(folder, 'person'), { recursive: true })
  copyClone(clone, root)
  for (const line of own.prepare) {
    const { green, tail } = inShell(root, line)
    if (!green) throw new Error(`\`${line}\` failed: ${tail}`)
  }
  copyClone(root, person)
  const commit = git(root, 'rev-parse', '--short', 'HEAD').trim()
  const notes: string[] = []

  const { output } = await server.call('repository_register', { path: root })
  const stage = { server, folder, root, repository: String(output['name']) }
  const commands = checksOf(stage, ...Object.entries(own.commands).flatMap(([kind, line]) => [`--${kind}`, line]))
  const shells = new Map(commands.map(({ command }) => [command, inShell(person, lineOf(command))]))
  const shellOf = (command: string) => shells.get(command) ?? { green: false, seconds: 0, tail: '' }
  const test = commands.find(({ kind }) => kind === 'test')
  const changes = changesOf(
    root,
    person,
    own,
    test && { line: lineOf(test.command), before: shellOf(test.command) },
    notes,
  )

  moveIn(root)
  const before = pictureOf(root)
  const off = new Map<string, string>()
  const plays: { title: string; what: string; right: boolean; played: Played }[] = []
  for (const { title, right, change } of changes) {
    let played = await play(stage, title, change)
    const kinds = played.stops
      .flatMap(({ message }) => /--off (\w+)/.exec(message)?.[1] ?? [])
      .filter((kind) => kind !== 'test')
    if (kinds.length > 0) {
      for (const { message } of played.stops) {
        const kind = /--off (\w+)/.exec(message)?.[1]
        if (kind === undefined || kind === 'test') continue
        off.set(kind, message)
        checksOf(stage, '--off', kind, '--reason', 'It cannot run on this machine')
      }
      played = await play(stage, title, change)
    }
    plays.push({ title, what: change.what, right, played })
  }
  await untilWorkersEnd(folder)
  const base = baseOf(folder)
  return {
    name,
    commit,
    checks: commands.map(({ kind, command, source }) => ({
      kind,
      line: lineOf(command),
      source,
      shell: shellOf(command),
      base: base.get(command) ?? [],
      ...(off.has(kind) && { off: off.get(kind) ?? '' }),
    })),
    plays,
    notes,
    harm: harmOf(before, pictureOf(root)),
  }
}

/** The line of a person's own check is handed to a shell. */
const lineOf = (command: string) => command.replace(/^sh -c /, '')

interface Planned {
  readonly title: string
  readonly right: boolean
  readonly change: Change
}

function changesOf(
  root: string,
  person: string,
  own: ReturnType<typeof readOwn>,
  suite: { readonly line: string; readonly before: InShell } | undefined,
  notes: string[],
): readonly Planned[] {
  const planned: Planned[] = []
  const right = ownRight(own, root) ?? addFunction(root)
  if (right === undefined) notes.push('no right change could be made')
  else planned.push({ title: 'Add a function that doubles a number', right: true, change: right })
  const slip = ownSlip(own, root)
  const { change: broken, unnoticed } =
    slip !== undefined || suite === undefined
      ? { change: slip, unnoticed: 0 }
      : breakSomething(person, suite.line, suite.before)
  if (unnoticed > 0) notes.push(`${unnoticed} slips that its own tests do not notice`)
  if (broken === undefined) notes.push('no slip that its tests notice')
  else planned.push({ title: 'Make the code simpler to read', right: false, change: broken })
  const [test] = testFiles(root)
  if (test === undefined || right === undefined) return planned
  const text = readFileSync(join(root, test), 'utf8')
  const hollow = { ...right.write, [test]: text.split('\n').slice(0, 3).join('\n') }
  planned.push({
    title: 'Add a function that doubles numbers',
    right: false,
    change: { what: `${test} emptied`, write: hollow },
  })
  planned.push({
    title: 'Add a function for doubles',
    right: false,
    change: { what: `${test} deleted`, ...(right.write !== undefined && { write: right.write }), remove: [test] },
  })
  return planned
}
