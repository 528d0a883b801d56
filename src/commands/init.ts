import { type Command, Option } from 'commander'
import { readClientPlaces } from '../config.ts'
import { SpekiError } from '../errors.ts'
import { Client, Scope } from '../setup/client.ts'
import type { Setup } from '../setup/clients.ts'
import type { Undone } from '../setup/written.ts'
import { safe } from './output/render.ts'
import type { Screen } from './output/screen.ts'
import type { Session, WithSession } from './session.ts'

interface Options {
  readonly client?: Client
  readonly scope?: Scope
  readonly yes?: boolean
  readonly write?: boolean
  readonly dryRun?: boolean
  readonly undo?: boolean
}

/** What was done with a file, or would be. */
interface Step {
  /** Of the client, or of what beside it lets agents of the client write in worktrees. */
  readonly name: string
  readonly file: string
  readonly before: string | undefined
  readonly after: string | undefined
  readonly note: string | undefined
  readonly apply: () => Promise<void>
}

/** `speki init`: makes clients start SPEKI. On a terminal it asks, and shows each change before it is made. */
export function initCommand(program: Command, withSession: WithSession): void {
  program
    .command('init')
    .description('Add SPEKI to Claude Code and Codex: shows what would be written, and asks on a terminal')
    .addOption(new Option('--client <name>', 'only this one').choices(Client.options))
    .addOption(new Option('--scope <scope>', 'all your projects (default), or this one').choices(Scope.options))
    .option('--yes', 'write without asking')
    .option('--dry-run', 'only show')
    .option('--undo', 'take out what init wrote, and nothing else')
    // As it was before there were scopes: Claude Code in the project, Codex for the user.
    .addOption(new Option('--write', 'write without asking, Claude Code in the project').hideHelp())
    .addHelpText(
      'after',
      '\nExamples:\n  speki init\n  speki init --yes --client codex\n  speki init --scope project --dry-run\n  speki init --undo',
    )
    .action((options: Options) =>
      withSession(async (session) => {
        const asks =
          process.stdin.isTTY &&
          process.stdout.isTTY &&
          !session.json &&
          !options.yes &&
          !options.write &&
          !options.dryRun
        const chosen = asks && options.undo !== true ? await ask(options) : options
        const steps = options.undo === true ? await undoSteps(session) : await setupSteps(session, chosen)
        if (asks) return await confirmEach(session, steps)
        const writes = options.dryRun !== true && (options.yes === true || options.write === true)
        if (writes) for (const step of steps) await step.apply()
        await report(session, steps, writes)
      }),
    )
}

/** Ends the command without a change. */
function cancelled(): SpekiError {
  return new SpekiError('cancelled', 'Nothing was written.')
}

async function ask(options: Options): Promise<Options> {
  const { isCancel, multiselect, select } = await import('@clack/prompts')
  const clients =
    options.client === undefined
      ? await multiselect<Client>({
          message: 'Which clients should start SPEKI?',
          options: [
            { value: 'claude', label: 'Claude Code' },
            { value: 'codex', label: 'Codex' },
          ],
          initialValues: [...Client.options],
        })
      : [options.client]
  if (isCancel(clients)) throw cancelled()
  const scope =
    options.scope ??
    (await select<Scope>({
      message: 'Where?',
      options: [
        { value: 'user', label: 'In all my projects' },
        { value: 'project', label: 'In this project, for everybody who works on it' },
      ],
    }))
  if (isCancel(scope)) throw cancelled()
  const [only, ...others] = clients
  return { ...options, scope, ...(only !== undefined && others.length === 0 && { client: only }) }
}

async function setupSteps({ config, flags }: Session, options: Options): Promise<readonly Step[]> {
  const { planFolder, planSetup } = await import('../setup/clients.ts')
  const { writeSetup } = await import('../setup/written.ts')
  const places = readClientPlaces(config, flags)
  const steps: Step[] = []
  for (const client of Client.options) {
    if (options.client !== undefined && options.client !== client) continue
    const scope = options.scope ?? (options.write === true && client === 'claude' ? 'project' : 'user')
    const setups = [await planSetup(client, scope, config, places), await planFolder(client, scope, config, places)]
    for (const setup of setups.filter((each): each is Setup => each !== undefined)) {
      const { file, before, after, command } = setup
      const name = command === undefined ? `${client}-worktrees` : client
      steps.push({ name, file, before, after, note: command, apply: () => writeSetup(config.home, setup) })
    }
  }
  return steps
}

async function undoSteps({ config }: Session): Promise<readonly Step[]> {
  const { planUndo, undoSetup } = await import('../setup/written.ts')
  const undone = await planUndo(config.home)
  if (undone.length === 0)
    throw new SpekiError('not_found', 'speki init has written nothing that is still there.', {
      hint: 'What was added otherwise goes by: claude mcp remove speki, codex mcp remove speki.',
    })
  return undone.map((one: Undone) => ({
    name: one.client,
    file: one.file,
    before: one.before,
    after: one.after,
    note: one.left,
    apply: () => undoSetup(config.home, one),
  }))
}

async function confirmEach({ screen, print }: Session, steps: readonly Step[]): Promise<void> {
  const { confirm, isCancel } = await import('@clack/prompts')
  for (const step of steps) {
    print(await shown(step, screen))
    // An undo that finds nothing to take out forgets the file.
    if (step.before === step.after) await step.apply()
    else {
      const yes = await confirm({ message: `Write ${step.file}?` })
      if (isCancel(yes)) throw cancelled()
      if (yes) await step.apply()
    }
  }
}

async function report({ json, screen, answer, print }: Session, steps: readonly Step[], writes: boolean) {
  if (json) {
    const rows = steps.map(async ({ name, file, before, after, note }) => {
      const written = writes || before === after
      return [name, { command: note, file, written, content: after ?? '', diff: await diffOf(before, after, file) }]
    })
    return answer(Object.fromEntries(await Promise.all(rows)))
  }
  for (const step of steps) print(await shown(step, screen))
  const open = steps.some(({ before, after }) => before !== after)
  print(writes ? 'Written. Restart the clients.' : open ? 'Nothing was written. Repeat with --yes to write it.' : '')
}

async function shown({ name, file, before, after, note }: Step, { style }: Screen): Promise<string> {
  const head = style('bold', `${name}  ${file}`)
  if (before === after) return `${head}\nStays as it is.${note === undefined ? '' : `  (${note})`}`
  const lines = (await diffOf(before, after, file)).split('\n').map((line) => {
    if (line.startsWith('+')) return style('green', line)
    return line.startsWith('-') ? style('red', line) : line
  })
  return [head, ...(after === undefined ? ['This file goes: it was made for SPEKI alone.'] : []), ...lines].join('\n')
}

async function diffOf(before: string | undefined, after: string | undefined, file: string): Promise<string> {
  const { unifiedDiff } = await import('../documents/diff.ts')
  return safe(unifiedDiff(before ?? '', after ?? '', [file, file])).trimEnd()
}
