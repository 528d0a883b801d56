import { styleText } from 'node:util'
import { Command, Help, type HelpConfiguration } from 'commander'

/** What stands behind a noun. */
export const NOUNS: Readonly<Record<string, string>> = {
  repository: 'Register and list repositories, set their check commands',
  prd: 'Write, read, check and edit PRDs',
  plan: 'Draft and submit the plan of a PRD',
  rule: 'What prd check looks for, and where a clean check is required',
  task: 'List, claim, prove and close tasks',
  knowledge: 'Lessons and notes',
  changeset: 'What was made across repositories, tested together and delivered',
  run: 'Execute PRDs and tasks unattended',
  job: 'What runs in the background',
  follower: 'Who follows the event log, and how far',
  activity: 'Who did what and when',
}

/** In which order people meet them. */
const GROUPS: readonly (readonly [heading: string, commands: readonly string[]])[] = [
  ['See:', ['status', 'board', 'activity']],
  ['Plan:', ['repository', 'prd', 'approve', 'plan', 'rule']],
  ['Work:', ['task', 'knowledge', 'run', 'worker', 'changeset', 'job', 'follower']],
  ['Move in and out:', ['import', 'export']],
  [
    'Set up:',
    ['init', 'completion', 'doctor', 'backup', 'restore', 'retention', 'sandbox', 'mcp', 'serve', 'demo', 'help'],
  ],
]
const ORDER = GROUPS.flatMap(([, commands]) => commands)

/** Puts the commands of the program into their groups. */
export function groupCommands(program: Command): void {
  program.addHelpCommand(new Command('help').argument('[command]').description('Show help for a command'))
  for (const [heading, names] of GROUPS)
    for (const command of program.createHelp().visibleCommands(program))
      if (names.includes(command.name())) command.helpGroup(heading)
}

// Styles are taken out again by the command library where no colour is wanted.
const bold = (text: string) => styleText('bold', text, { validateStream: false })
const cyan = (text: string) => styleText('cyan', text, { validateStream: false })

export const helpStyle: HelpConfiguration = {
  styleTitle: bold,
  styleSubcommandText: cyan,
  styleOptionText: cyan,
  subcommandTerm: (command) => command.name(),
  visibleCommands(command) {
    const commands = Help.prototype.visibleCommands.call(this, command)
    const place = (entry: Command) => ORDER.indexOf(entry.name())
    return command.parent === null ? commands.toSorted((a, b) => place(a) - place(b)) : commands
  },
  // In the order of the groups, not of the registration.
  groupItems: (_, visible, groupOf) => Map.groupBy(visible, groupOf),
  visibleOptions(command) {
    // Of every command alike, and told once: by speki --help.
    const options = Help.prototype.visibleOptions.call(this, command)
    return command.parent === null ? options : options.filter(({ long }) => long !== '--help')
  },
}

/** The first clause of a description, for lists. */
export function summaryOf(description: string): string {
  return /^.*?(?=[.:;] |[.:;]$|$)/s.exec(description)?.[0] ?? description
}
