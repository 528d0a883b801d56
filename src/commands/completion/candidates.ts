import type { Command, Option } from 'commander'

/** What may stand at the cursor. */
export interface Candidate {
  readonly text: string
  readonly about: string
}

/** What only the database, or the shell, can tell. */
export type Kind = 'prd' | 'task' | 'run' | 'changeset' | 'knowledge' | 'repository' | 'file'

export interface Completion {
  readonly candidates: readonly Candidate[]
  /** Set where keys or files belong at the cursor as well. */
  readonly kind?: Kind | undefined
}

/** What an argument of this name holds. */
const KINDS: Readonly<Record<string, Kind>> = {
  prd: 'prd',
  prds: 'prd',
  parent: 'prd',
  task: 'task',
  tasks: 'task',
  dependsOn: 'task',
  followUpOf: 'task',
  run: 'run',
  repository: 'repository',
  repositories: 'repository',
  name: 'repository',
  entry: 'knowledge',
  path: 'file',
  file: 'file',
  worktree: 'file',
  db: 'file',
  project: 'file',
}
/** What `id` means, by the noun before it. */
const IDS: Readonly<Record<string, Kind>> = { prd: 'prd', run: 'run', changeset: 'changeset', task: 'task' }

/** Completes the last of the words that stand behind `speki`; it may be empty. */
export function complete(program: Command, words: readonly string[]): Completion {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  let command = program
  let operands = 0
  let open: Option | undefined
  let flagsEnded = false
  for (const word of before) {
    if (open !== undefined) {
      open = undefined
      continue
    }
    if (word === '--') flagsEnded = true
    else if (word.startsWith('-') && !flagsEnded)
      open = takesValue(findOption(command, word)) && !word.includes('=') ? findOption(command, word) : undefined
    else {
      const child = command.commands.find((entry) => entry.name() === word)
      if (child !== undefined && operands === 0) command = child
      else operands += 1
    }
  }
  if (open !== undefined) return valuesOf(command, open.attributeName(), open.argChoices, current)
  if (current.startsWith('-') && !flagsEnded) return { candidates: flagsOf(command, current) }
  const visible = command.createHelp().visibleCommands(command)
  if (command.commands.length > 0 && operands === 0)
    return {
      candidates: matching(
        visible.map((entry) => ({ text: entry.name(), about: entry.summary() || entry.description() })),
        current,
      ),
    }
  const argument = command.registeredArguments[operands]
  return argument === undefined ? { candidates: [] } : valuesOf(command, argument.name(), argument.argChoices, current)
}

function valuesOf(command: Command, name: string, choices: readonly string[] | undefined, current: string): Completion {
  if (choices !== undefined)
    return {
      candidates: matching(
        choices.map((text) => ({ text, about: '' })),
        current,
      ),
    }
  return { candidates: [], kind: name === 'id' ? IDS[command.parent?.name() ?? ''] : KINDS[name] }
}

function flagsOf(command: Command, current: string): readonly Candidate[] {
  const all = [command, ...ancestors(command)].flatMap((entry) => entry.options.filter(({ hidden }) => !hidden))
  return matching(
    all.flatMap(({ long, description }) => (long == null ? [] : [{ text: long, about: description }])),
    current,
  )
}

export function matching(candidates: readonly Candidate[], current: string): readonly Candidate[] {
  // Keys are written in capitals, and typed without.
  return candidates.filter(({ text }) => text.toLowerCase().startsWith(current.toLowerCase()))
}

function findOption(command: Command, word: string): Option | undefined {
  const [flag] = word.split('=', 1)
  return [command, ...ancestors(command)]
    .flatMap(({ options }) => options)
    .find(({ long, short }) => flag === long || flag === short)
}

function takesValue(option: Option | undefined): boolean {
  return option?.required === true
}

function ancestors(command: Command): readonly Command[] {
  return command.parent === null ? [] : [command.parent, ...ancestors(command.parent)]
}
