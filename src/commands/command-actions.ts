import type { Command } from 'commander'
import type { Action } from '../domain/access/actions.ts'
import { SpekiError } from '../errors.ts'

/** What a command must be allowed to do that is no operation; an operation names its action itself. */
export const COMMAND_ACTIONS: Readonly<Record<string, Action>> = {
  approve: 'prd.approve',
  // Setting them, and releasing what others hold, ask for more once it is known on what.
  'repository commands': 'repository.read',
  'task release': 'task.edit',
  'task override': 'task.override',
  'knowledge settle': 'knowledge.settle',
  'rule list': 'setting.read',
  'rule set': 'setting.change',
  'rule ban': 'setting.change',
  'rule allow': 'setting.change',
  'rule gate': 'setting.change',
  'run pause': 'run.control',
  'run resume': 'run.control',
  'run cancel': 'run.control',
  'run retry': 'run.control',
  'run watch': 'run.read',
  'run report': 'run.read',
  board: 'task.read',
  import: 'import.run',
  export: 'export.run',
  mcp: 'workspace.serve',
  serve: 'workspace.serve',
  worker: 'run.start',
  // Changing it asks for more.
  retention: 'setting.read',
  sandbox: 'setting.read',
  'job list': 'background.read',
  'job retry': 'background.control',
  'follower list': 'background.read',
  'follower resume': 'background.control',
  'follower forget': 'background.control',
  init: 'workspace.configure',
  doctor: 'workspace.inspect',
  backup: 'workspace.back_up',
  restore: 'workspace.restore',
  // They play on folders of their own.
  demo: 'guide.read',
  'demo-agent': 'guide.read',
  // Prints a script, and keys that its reader may read.
  completion: 'guide.read',
  complete: 'guide.read',
  'demo-worker': 'guide.read',
}

/** Words by which a command is called: `task release`. */
export function pathOf(command: Command): string {
  const above = command.parent
  return above?.parent == null ? command.name() : `${pathOf(above)} ${command.name()}`
}

/** Throws `internal` for a command that nobody filled in. */
export function actionOf(command: Command): Action {
  const action = COMMAND_ACTIONS[pathOf(command)]
  if (action === undefined) throw new SpekiError('internal', `The command "${pathOf(command)}" names no action.`)
  return action
}
