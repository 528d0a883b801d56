import type { Actor, Scope } from '../../../schemas/actor.ts'
import { BLANK, hint, type Sentence, step } from '../../step.ts'

type Kind = Actor['kind']

/** Who may do an action: the scope it needs, and the kinds of principal it is open to. */
export interface Rule {
  readonly scope: Scope
  readonly kinds: readonly Kind[]
}

const ANYONE: readonly Kind[] = ['person', 'agent', 'connector', 'system']
/** Whoever does the work: a connector carries what others wrote, and works on nothing. */
const WORKING: readonly Kind[] = ['person', 'agent', 'system']
const PEOPLE: readonly Kind[] = ['person']
const SPEKI: readonly Kind[] = ['system']

const read = (kinds: readonly Kind[] = ANYONE): Rule => ({ scope: 'read', kinds })
const write = (kinds: readonly Kind[]): Rule => ({ scope: 'write', kinds })

/** Everything that can be done, by noun and verb, and who may. */
export const RULES = {
  'status.read': read(),
  'activity.read': read(),
  'guide.read': read(),

  'repository.read': read(),
  'repository.register': write(ANYONE),
  'repository.set_commands': write(PEOPLE),
  'repository.measure': write(WORKING),

  'prd.read': read(),
  'prd.create': write(ANYONE),
  'prd.edit': write(ANYONE),
  'prd.update': write(ANYONE),
  'prd.approve': write(PEOPLE),
  'prd.check': read(),
  'prd.review': write(ANYONE),
  'prd.split': write(ANYONE),
  'finding.accept': write(ANYONE),
  'finding.accept_error': write(PEOPLE),

  'plan.draft': read(),
  'plan.submit': write(ANYONE),

  'task.read': read(),
  'task.create': write(ANYONE),
  'task.edit': write(ANYONE),
  'task.claim': write(WORKING),
  'task.attempt': write(WORKING),
  'task.validate': write(WORKING),
  'task.complete': write(WORKING),
  'task.release_of_others': write(PEOPLE),
  'task.override': write(PEOPLE),
  'task.measure': write(PEOPLE),

  'knowledge.read': read(),
  'knowledge.add': write(ANYONE),
  'knowledge.settle': write(PEOPLE),

  'run.read': read(),
  'run.start': write(WORKING),
  'run.control': write(WORKING),
  'run.work': write(SPEKI),

  'background.read': read(),
  'background.control': write(PEOPLE),

  'changeset.read': read(),
  'changeset.test': write(WORKING),
  'changeset.deliver': write(WORKING),

  'import.run': write(ANYONE),
  'import.approved': write(PEOPLE),
  'export.run': write(ANYONE),
  'path.any': read(PEOPLE),

  'setting.read': read(),
  'setting.change': write(PEOPLE),

  'workspace.serve': read(WORKING),
  'workspace.inspect': read(WORKING),
  'workspace.back_up': read(WORKING),
  'workspace.configure': write(PEOPLE),
  'workspace.restore': write(PEOPLE),
} as const satisfies Readonly<Record<string, Rule>>

export type Action = keyof typeof RULES

/** What an action is done to, as far as the words of a refusal name it. */
export interface Resource {
  /** Key of a noun, name of a repository, or a path. */
  readonly key: string
  readonly holder?: string | undefined
  readonly finding?: { readonly id: string; readonly rule: string }
}

export interface Refusal {
  readonly reason: string
  readonly next: Sentence
}

/** What a principal is told whose kind may not do an action; of the others it is told just that. */
export const REFUSALS: { readonly [A in Action]?: (resource: Resource) => Refusal } = {
  'repository.set_commands': () => ({
    reason: 'Only a person sets the commands that decide whether work is done.',
    next: 'Ask for: speki repository commands NAME --test "npm test"',
  }),
  'prd.approve': ({ key }) => ({
    reason: `Only a person approves ${key}.`,
    next: `Ask for: speki prd update ${key} --state approved`,
  }),
  'finding.accept_error': ({ key, finding }) => ({
    reason: `Finding ${finding?.id} (${finding?.rule}) is an error; only a person accepts it.`,
    next: `Mend the text, or ask for: speki prd check ${key} --accept ${finding?.id} --reason "…"`,
  }),
  'task.override': () => ({
    reason: 'Only a person overrides the gate.',
    next: hint`Mend what fails: ${step('task_validate', { task: BLANK, lease_token: BLANK })}.`,
  }),
  'task.measure': ({ key }) => ({
    reason: `${key} is measured by its criteria, test cases, requirements and named files; a person or a new plan changes them.`,
    next: hint`Say in a note what is wrong with them: ${step('task_update', { task: key, note: BLANK })}. Or ask for: speki task update ${key} --acceptance-criteria "…"`,
  }),
  'task.release_of_others': ({ key, holder }) => ({
    reason: `${key} is held by ${holder}; only the holder gives it up.`,
    next: hint`Pass the lease_token of your claim; without one take other work: ${step('task_claim')}.`,
  }),
  'path.any': ({ key }) => ({
    reason: `${key} lies outside the project folder and the registered repositories.`,
    next: hint`Register the repository it lies in with ${step('repository_register', { path: BLANK })}, or ask a person to run it: speki import, speki export.`,
  }),
}
