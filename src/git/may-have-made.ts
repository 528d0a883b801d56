import { basename } from 'node:path'
import type { SharedChange } from './shared-state.ts'

interface Command {
  readonly name: string
  readonly args: readonly string[]
}

/** Options of git itself that take the word after them. */
const TAKES_WORD = ['-C', '-c', '--git-dir', '--work-tree', '--namespace', '--exec-path', '--config-env', '--attr-source'] // biome-ignore format: words

function commandOf([program = '', ...words]: readonly string[]): Command {
  const named = /^git-(.+)$/.exec(basename(program))?.[1]
  if (named !== undefined) return { name: named, args: words.map(lower) }
  let at = 0
  while (words[at]?.startsWith('-') === true) at += TAKES_WORD.includes(words[at] ?? '') ? 2 : 1
  return { name: words[at] ?? '', args: words.slice(at + 1).map(lower) }
}

const lower = (word: string) => word.toLowerCase()

const operands = (args: readonly string[]) => args.filter((word) => !word.startsWith('-'))

const WRITES_SETTING =
  /^(?:--(?:add|unset|unset-all|replace-all|remove-section|rename-section|edit)|-e|set|unset|remove-section|rename-section|edit)$/
const LISTS =
  /^(?:-l|--list|-a|--all|-r|--remotes|-v+|--show-current|--(?:no-)?(?:contains|merged)(?:=.*)?|--points-at(?:=.*)?)$/
const CHANGES_BRANCH =
  /^(?:-[dDmMcCfu]|--(?:delete|move|copy|force|set-upstream-to|unset-upstream|edit-description|track)(?:=.*)?)$/i

/** Whether it only looks, by what it was given. */
function onlyReads({ name, args }: Command): boolean {
  const [first = ''] = operands(args)
  switch (name) {
    case 'config':
      return (
        !args.some((word) => WRITES_SETTING.test(word)) && (operands(args).length < 2 || /^(?:get|list)/.test(first))
      )
    case 'branch':
    case 'tag':
      return !args.some((word) => CHANGES_BRANCH.test(word)) && (first === '' || args.some((word) => LISTS.test(word)))
    case 'stash':
      return ['list', 'show', 'create'].includes(first)
    case 'remote':
      return ['', 'show', 'get-url'].includes(first)
    case 'worktree':
      return first === 'list'
    case 'notes':
      return ['', 'list', 'show'].includes(first)
    case 'reflog':
      return ['', 'show', 'list', 'exists'].includes(first)
    case 'symbolic-ref':
      return operands(args).length < 2 && !args.includes('-d') && !args.includes('--delete')
    default:
      return false
  }
}

/**
 * Whether a git command is likely to have made a change. It is asked of commands that ran in the very repository, and of
 * changes that were made while they did; `heads` are what HEAD was and is.
 */
export function mayHaveMade(argv: readonly string[], { name, now }: SharedChange, heads: readonly string[]): boolean {
  const command = commandOf(argv)
  if (onlyReads(command)) return false
  const { args } = command
  const does = (...commands: string[]) => commands.includes(command.name)
  const names = (text: string) => args.some((word) => word.includes(lower(text)))
  const [kind = '', of = ''] = [name.split(' ', 1)[0], name.slice(name.indexOf(' ') + 1)]
  const key = lower(of)
  const below = of.split('.').slice(1, -1).join('.')
  switch (kind) {
    case 'setting':
      if (does('config')) return args.some((word) => word === key || key.startsWith(`${word}.`)) || args.includes('-e') || args.includes('--edit') // biome-ignore format: one list
      if (does('remote') && key.startsWith('branch.')) return true
      if (does('sparse-checkout')) return /^(?:core\.sparsecheckout|index\.sparse|extensions\.worktreeconfig)/.test(key)
      if (does('init')) return key.startsWith('core.')
      return below !== '' && names(below) && does('remote', 'branch', 'submodule', 'checkout', 'switch', 'push', 'worktree') // biome-ignore format: one list
    case 'stash':
      return does('stash') || (does('update-ref', 'reflog') && (names('stash') || args.includes('--all') || args.includes('--stdin'))) // biome-ignore format: one list
    case 'worktree':
      return does('worktree')
    case 'HEAD':
      return does('checkout', 'switch', 'symbolic-ref', 'rebase', 'bisect', 'branch', 'update-ref')
    case 'ref':
      // Which refs they changed is not said: one that is there again is no loss to anybody, one that is undone may be.
      if (does('fast-import', 'filter-branch')) return now === undefined
      if (does('update-ref') && args.includes('--stdin')) return now === undefined
      if (of.startsWith('refs/remotes/')) return does('fetch', 'pull', 'push', 'remote', 'update-ref')
      if (of.startsWith('refs/replace/')) return does('replace', 'update-ref')
      if (of.startsWith('refs/notes/')) return does('notes') || (names(of) && does('fetch', 'update-ref'))
      if (names(of.replace(/^refs\/(?:heads|tags)\//, ''))) return does('receive-pack', 'branch', 'tag', 'update-ref', 'symbolic-ref', 'checkout', 'switch', 'worktree', 'fetch', 'pull', 'push', 'rebase', 'remote', 'bisect', 'refs') // biome-ignore format: one list
      return heads.includes(`ref: ${of}`) && does('commit', 'reset', 'merge', 'rebase', 'pull', 'cherry-pick', 'revert', 'am', 'checkout', 'switch') // biome-ignore format: one list
    default:
      return false
  }
}
