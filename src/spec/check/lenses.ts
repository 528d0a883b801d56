import type { LensName } from '../../../schemas/lens.ts'
import type { PrdKind } from '../../../schemas/prd.ts'

export interface Lens {
  readonly name: LensName
  readonly kinds: readonly PrdKind[]
  /** What the reader answers from the text alone. */
  readonly questions: readonly string[]
}

/** What a program cannot judge, as questions to somebody who can. */
const lenses: readonly Lens[] = [
  {
    name: 'completeness',
    kinds: ['prd', 'tech_spec', 'bug'],
    questions: [
      'Which behaviour would two builders each have to invent, because the text is silent on it?',
      'Which goal is reached by no requirement, and which requirement serves no goal?',
      'Which input, state, role or size of data is possible and not spoken of?',
      'Which requirement needs something (data, a right, another system) that nobody is said to provide?',
    ],
  },
  {
    name: 'clarity',
    kinds: ['prd', 'bug'],
    questions: [
      'Which statement can be read in two ways that lead to different code?',
      'Which word is used for two things, or which thing has two words?',
      'Where is it open who acts, on what, or when?',
    ],
  },
  {
    name: 'testability',
    kinds: ['prd', 'tech_spec'],
    questions: [
      'For which requirement could a tester not write a check from the text alone, and what is missing?',
      'Which criterion would also pass on a wrong implementation?',
      'Which outcome cannot be observed from outside?',
    ],
  },
  {
    name: 'scope',
    kinds: ['prd', 'tech_spec'],
    questions: [
      'Which requirement is not needed to reach the goals?',
      'Which expectation will readers have that is neither required nor excluded?',
      'Is this one deliverable, or several that could ship apart? Which?',
    ],
  },
  {
    name: 'flow',
    kinds: ['prd'],
    questions: [
      'Walk each flow from entry to exit: at which step does the person not know what to do next?',
      'What do they see while it loads, when there is nothing, when it fails, when they cancel or come back later?',
      'Which step is possible twice, out of order, or from two devices at once, and what then?',
    ],
  },
  {
    name: 'feasibility',
    kinds: ['tech_spec'],
    questions: [
      'Which step cannot work as described with the code, data and interfaces that are there? Look before you answer.',
      'Which simpler design would meet the same requirements?',
      'In which order can it be built so that everything compiles and runs after each step?',
    ],
  },
  {
    name: 'security',
    kinds: ['tech_spec'],
    questions: [
      'Which input crosses a trust boundary, and where is it checked?',
      'Who may call, read or change what, and where is that enforced?',
      'Which secret or personal data is stored, logged or sent, and for how long?',
    ],
  },
  {
    name: 'performance',
    kinds: ['tech_spec'],
    questions: [
      'Which operation grows with the data, and what happens at ten times today’s size?',
      'Which call waits for another system, and what happens when that is slow or away?',
      'Which limit of the PRD (time, size, rate) does the design not show it keeps?',
    ],
  },
  {
    name: 'alignment',
    kinds: ['tech_spec'],
    questions: [
      'Which requirement of the parent PRD does no part of the design realise?',
      'Which part of the design does more than the PRD asks for, or something else?',
      'Where do names, values or limits differ from those of the PRD?',
    ],
  },
  {
    name: 'reproduction',
    kinds: ['bug'],
    questions: [
      'Can the steps be followed by somebody who has never seen the system? Which step or datum is missing?',
      'Are expected and actual behaviour observed facts, or guesses about the cause?',
      'Which check would fail now and pass after the fix?',
    ],
  },
]

export function lensesFor(kind: PrdKind): readonly Lens[] {
  return lenses.filter((lens) => lens.kinds.includes(kind))
}
