import type { Command, CommanderError, Option } from 'commander'
import { SpekiError } from '../errors.ts'
import { nearest } from '../spec/nearest.ts'
import { quoted } from './operation/step.ts'

/** What people call our commands who come from other programs; the letters alone lead elsewhere. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  repository: ['repo', 'repos', 'repositories', 'project', 'projects', 'package'],
  prd: ['prds', 'spec', 'specs', 'doc', 'docs', 'document', 'requirement', 'requirements'],
  task: ['tasks', 'issue', 'issues', 'ticket', 'tickets', 'story', 'todo', 'item'],
  changeset: ['changesets', 'change-set', 'changes', 'pr', 'cs', 'merge'],
  knowledge: ['lesson', 'lessons', 'memory', 'note', 'notes', 'learning'],
  activity: ['log', 'logs', 'events', 'history', 'feed'],
  run: ['runs'],
  job: ['jobs', 'background'],
  worker: ['work', 'daemon'],
  init: ['setup', 'install', 'configure'],
  status: ['stat', 'st', 'overview', 'dashboard'],
  get: ['show', 'view', 'read', 'cat', 'open', 'describe', 'info'],
  list: ['ls', 'find', 'all', 'search'],
  search: ['find', 'list', 'ls', 'get'],
  create: ['new', 'add', 'make'],
  add: ['new', 'create'],
  register: ['add', 'create', 'new', 'link'],
  update: ['set', 'edit', 'change', 'move', 'rm', 'remove', 'delete', 'archive', 'close', 'reopen', 'cancel'],
  claim: ['take', 'start', 'next', 'begin', 'pick'],
  complete: ['done', 'finish', 'close'],
  validate: ['verify', 'check', 'test'],
  check: ['validate', 'lint', 'verify'],
  deliver: ['land', 'merge', 'ship', 'push'],
  integrate: ['test'],
  draft: ['create', 'new', 'make', 'get', 'show'],
  submit: ['accept', 'apply', 'save'],
  pause: ['hold', 'suspend'],
  resume: ['continue', 'unpause', 'go'],
  cancel: ['stop', 'abort', 'kill', 'end'],
  retry: ['again', 'rerun', 'restart'],
}

/** The same for flags. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  'acceptance-criteria': ['criterion', 'criteria', 'acceptance', 'ac', 'done-when'],
  'test-cases': ['test', 'tests', 'test-case'],
  'depends-on': ['depends', 'dependency', 'dependencies', 'blocked-by', 'needs'],
  repository: ['repo', 'project'],
  repositories: ['repo', 'repos', 'repository'],
  status: ['state'],
  state: ['status'],
  title: ['name', 'subject'],
  description: ['desc', 'body', 'text', 'details'],
  body: ['text', 'content', 'description', 'file', 'body-file'],
  note: ['comment', 'message', 'notes'],
  reason: ['why', 'because'],
  assignee: ['owner', 'holder', 'agent'],
  owners: ['owner', 'assignee'],
  'lease-token': ['token', 'lease'],
  limit: ['max', 'count', 'number'],
  query: ['search', 'filter', 'text', 'grep'],
  text: ['note', 'lesson', 'body'],
  path: ['dir', 'folder', 'directory', 'file'],
}

/** What the command library refused, with the line as it was meant, or where the right words stand. */
export function misread(error: CommanderError, program: Command, argv: readonly string[]): SpekiError {
  const said = error.message.replace(/^error: /, '')
  const [, guess] = /\n\(Did you mean ([\w-]+)\?\)$/.exec(said) ?? []
  const { command, words, mended } = follow(program, argv, guess)
  const help = hintOf(command)
  const [, flag] = /^unknown option '--?([^'=]+)/.exec(said) ?? []
  if (flag !== undefined) return misreadFlag({ said, flag, command, words, help })
  if (error.code === 'commander.excessArguments') {
    const list = words.findIndex(
      (word, at) => isListFlag(command, word) && isValue(words[at + 1]) && isValue(words[at + 2]),
    )
    if (list >= 0)
      return refusal(
        said,
        `Name the flag again for each value: ${lineOf(words.toSpliced(list + 2, 0, words[list] ?? ''))}`,
      )
  }
  const meant = mended.join(' ')
  if (error.code !== 'commander.unknownCommand' || meant === '') return refusal(said, help)
  return refusal(`${withoutGuess(said)}\n(Did you mean ${meant}?)`, lineOf(words))
}

interface Flag {
  readonly said: string
  readonly flag: string
  readonly command: Command
  readonly words: readonly string[]
  readonly help: string
}

function misreadFlag({ said, flag, command, words, help }: Flag): SpekiError {
  const known = optionsOf(command).filter(({ hidden }) => !hidden)
  const names = known.flatMap(({ long }) => (long == null ? [] : [long.slice(2)]))
  const meant = byMeaning(flag, names, FLAGS) ?? nearest(flag, names)
  if (meant === undefined) return refusal(withoutGuess(said), help)
  const mended = words.map((word) =>
    word === `--${flag}` || word.startsWith(`--${flag}=`) ? `--${meant}${word.slice(flag.length + 2)}` : word,
  )
  return refusal(`${withoutGuess(said)}\n(Did you mean --${meant}?)`, lineOf(mended))
}

/** Goes down the tree of commands by the words of a line, and puts right each that names none; by its letters as the command library guessed. */
function follow(program: Command, argv: readonly string[], guess: string | undefined) {
  let command = program
  const words = [...argv]
  const mended: string[] = []
  for (let at = 0; at < words.length && command.commands.length > 0; at += 1) {
    const word = words[at] ?? ''
    if (word.startsWith('-')) {
      const option = optionsOf(command).find(({ long, short }) => long === word || short === word)
      if (option?.required === true) at += 1
      continue
    }
    const names = command.commands.map((child) => child.name())
    const name = names.includes(word)
      ? word
      : (byMeaning(word, names, COMMANDS) ??
        [guess].find((name) => name !== undefined && names.includes(name)) ??
        nearest(word, names))
    const next = command.commands.find((child) => child.name() === name)
    if (next === undefined) break
    if (next.name() !== word) mended.push(next.name())
    words[at] = next.name()
    command = next
  }
  return { command, words, mended }
}

function byMeaning(
  word: string,
  names: readonly string[],
  table: Readonly<Record<string, readonly string[]>>,
): string | undefined {
  return names.find((name) => table[name]?.includes(word.toLowerCase()))
}

/** Its own and those of the commands above it. */
function optionsOf(command: Command): readonly Option[] {
  return [...command.options, ...(command.parent === null ? [] : optionsOf(command.parent))]
}

function isListFlag(command: Command, word: string): boolean {
  return command.options.some(({ long, parseArg }) => long === word && parseArg !== undefined)
}

function isValue(word: string | undefined): boolean {
  return word !== undefined && !word.startsWith('-')
}

function withoutGuess(said: string): string {
  return said.replace(/\n\(Did you mean .*\)$/s, '')
}

function hintOf(command: Command): string {
  const path: string[] = []
  for (let at: Command | null = command; at !== null; at = at.parent) path.unshift(at.name())
  return `${path.join(' ')} --help`
}

function lineOf(words: readonly string[]): string {
  return ['speki', ...words.map(quoted)].join(' ')
}

function refusal(message: string, hint: string): SpekiError {
  return new SpekiError('invalid_input', message, { hint })
}
