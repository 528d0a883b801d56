import { type RuleExamples, requirement, requirements, section } from './example.ts'

export const wordingExamples: readonly RuleExamples[] = [
  {
    rule: 'wording.vision',
    finds: [
      section('Goals', '- A world-class experience for 100 clerks'),
      section('Problem', 'We believe that clerks deserve more. It costs 2 hours.'),
      requirements('- The page will delight every clerk within 2 seconds.'),
    ],
    passes: [
      section('Non-goals', '- No world-class experience'),
      section('Goals', '- The name on the door is "Next-gen Labs"'),
      requirements('- FR-1: The service shall detect faces by computer vision within 2 seconds.'),
    ],
  },
  {
    rule: 'wording.quality',
    finds: [
      requirements('- The search is fast.'),
      requirement('The importer shall be robust and flexible.', 'Given a file, when it is imported, then it is listed'),
      section('Goals', '- A user-friendly export'),
    ],
    passes: [
      requirements('- The search is fast: it answers within 200 ms.'),
      requirements('- FR-1: The clerk moves the sheet to the tray called "fast".'),
      section('Problem', 'The present search is not fast and takes 40 seconds.'),
    ],
  },
  {
    rule: 'wording.vague-quantity',
    finds: [
      requirements('- The page shows several orders.'),
      requirements('- The clerk can attach photos, notes, etc.'),
      section('Goals', '- Clerks usually finish in 5 minutes'),
    ],
    passes: [
      requirements('- The page shows 20 orders.'),
      requirements('- The page says how many orders wait.'),
      section('Problem', 'Several clerks lose 10 minutes a day.'),
    ],
  },
  {
    rule: 'wording.as-usual',
    finds: [
      requirements('- The order is closed as usual.'),
      requirement('The service shall retry if necessary.', 'Given a failure, when it is retried, then it is logged'),
      requirements('- Errors are logged where appropriate.'),
    ],
    passes: [
      requirements('- The order is closed after 30 days.'),
      requirements('- The service retries when the answer is 503.'),
      section('Problem', 'As usual, nobody knows; it costs 2 hours.'),
    ],
  },
  {
    rule: 'wording.untestable',
    finds: [
      requirements('- The service handles timeouts gracefully.'),
      requirement('The page shall list orders.', 'Given 2 orders, when the page opens, then it works correctly'),
      requirements('- The answer comes in a timely manner.'),
    ],
    passes: [
      requirements('- After a timeout of 2 s the service answers 504.'),
      requirement('The page shall list orders.', 'Given 2 orders, when the page opens, then it lists 2 rows'),
      section('Problem', 'Nothing is handled properly; 3 orders are lost a day.'),
    ],
  },
  {
    rule: 'wording.hidden-actor',
    finds: [
      requirements('- FR-1: Photos must be stored for 7 days.'),
      requirements('- FR-1: The amount shall be checked before payment.'),
      requirement('Invoices should be sent on Friday.', 'Given an invoice, when it is Friday, then it is sent'),
    ],
    passes: [
      requirements('- FR-1: The gateway must store photos for 7 days.'),
      requirements('- FR-1: The amount shall be checked by the gateway before payment.'),
      requirement(
        'The clerk shall send invoices on Friday.',
        'Given an invoice, when it is Friday, then it must be sent',
      ),
    ],
  },
  {
    rule: 'wording.should',
    finds: [
      requirements(
        '- A: The page shall open.',
        '- B: The page shall close.',
        '- C: The page shall print.',
        '- D: The page should save.',
      ),
      requirements(
        '- A: The page must open.',
        '- B: The page must close.',
        '- C: The page must print.',
        '- D: The page might save.',
      ),
      requirements(
        '- A: The page must open.',
        '- B: The page must close.',
        '- C: The page must print.',
        '- D: Ideally the page must save.',
      ),
    ],
    passes: [
      requirements('- A: The page shall open.', '- B: The page shall close.', '- C: The page shall print.'),
      requirements('- A: The page should open.', '- B: The page should close.', '- C: The page should print.'),
      requirements(
        '- A: The page must open.',
        '- B: The page must close.',
        '- C: The page must say why it could not save.',
      ),
    ],
  },
  {
    rule: 'wording.todo',
    finds: [
      requirements('- The page shows TODO'),
      section('Problem', 'It costs XXX hours.'),
      requirements('- The limit is ??? orders.'),
    ],
    passes: [
      requirements('- The page shows 20 orders.'),
      section('Problem', 'The marker `TODO` is in 40 files.'),
      section('Notes', 'The clerk asked: why?'),
    ],
  },
  {
    rule: 'wording.banned',
    around: { banned: ['synergy', 'low hanging fruit'] },
    finds: [
      requirements('- The page brings synergy to 2 teams.'),
      section('Notes', 'This is low hanging  fruit.'),
      section('Goals', '- Synergy in 3 days'),
    ],
    passes: [
      requirements('- The page shows 2 teams.'),
      section('Notes', 'This is a fruit that hangs low.'),
      section('Notes', 'They said "synergy".'),
    ],
  },
]
