import { type RuleExamples, requirement, requirements, section } from './example.ts'

const criteria = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index + 1))
const FENCE = '```json\n{ "id": 7, "total": 3 }\n```'

export const contentExamples: readonly RuleExamples[] = [
  {
    rule: 'problem.no-number',
    words: 160,
    finds: [
      section('Problem', 'Clerks lose time.'),
      section('Background', 'Nobody knows where orders are.'),
      section('Context', '- Orders get lost\n- Clerks guess'),
    ],
    passes: [
      section('Problem', 'Clerks lose 2 hours a day.'),
      section('Problem', 'Half of the orders get lost.'),
      section('Goals', '- Clerks find orders'),
    ],
  },
  {
    rule: 'problem.solution',
    finds: [
      section('Problem', 'Clerks wait 2 hours. We will build a list.'),
      section('Background', 'The new system should provide a list; today 3 are lost.'),
      section('Problem', 'We need to add a search. 40 clerks wait.'),
    ],
    passes: [
      section('Problem', 'Clerks wait 2 hours, because the system shows one order.'),
      section('Goals', '- We will build 1 list'),
      section('Problem', 'Clerks have to build lists by hand, 3 a day.'),
    ],
  },
  {
    rule: 'goal.no-number',
    finds: [
      section('Goals', '- Clerks are faster'),
      section('Objectives', '1. Better overview'),
      section('Goals', 'Make the work of clerks easier.'),
    ],
    passes: [
      section('Goals', '- A clerk closes 20 orders an hour'),
      section('Goals', '- No order is lost'),
      section('Goals', '- Every shop uses the list'),
      section('Goals', '- The totals in the file equal the totals of the page'),
      section('Goals', '- The list of the shop matches that of the store'),
      section('Goals', '- Both lists are identical at night'),
      section('Goals', '- A courier takes a delivery offline'),
    ],
  },
  {
    rule: 'metric.no-threshold',
    finds: [
      section('Metrics', '- Orders closed by clerks'),
      section('Metrics', '| Metric | Why |\n| --- | --- |\n| Waiting time | Shows the load |'),
      section('KPIs', '- Satisfaction'),
    ],
    passes: [
      section('Metrics', '- Orders closed an hour: at least 20'),
      section('Metrics', '| Metric | Threshold |\n| --- | --- |\n| Waiting time | 5 s |'),
      section('Metrics', '- Lost orders: none'),
    ],
  },
  {
    rule: 'done.subjective',
    finds: [
      section('Definition of done', '- Stakeholders are happy'),
      section('Definition of done', '- The page feels right'),
      section('Done when', '- The code is well-tested'),
    ],
    passes: [
      section('Definition of done', '- All tests pass'),
      section('Definition of done', '- 20 orders are listed'),
      section('Notes', 'Stakeholders are happy.'),
    ],
  },
  {
    rule: 'persona.incomplete',
    words: 260,
    finds: [
      section('Personas', '- Clerk'),
      section('Users', '- Shop owner: owns a shop'),
      section('Personas', '| Role | Goal | Friction |\n| --- | --- | --- |\n| Clerk | | waits |'),
    ],
    passes: [
      section('Personas', '- Clerk: wants to close orders, but waits for the list'),
      section('Users', '- Shop owner: needs the sum by night; today it comes too late'),
      section('Personas', '| Role | Goal | Friction |\n| --- | --- | --- |\n| Clerk | close orders | waits |'),
    ],
  },
  {
    rule: 'flow.unnumbered',
    finds: [
      section('Flows', '- The clerk opens the list\n- The page shows orders\n- The clerk closes one'),
      section('User journey', '- Open\n- Choose\n- Pay'),
      section('Flows', 'Closing:\n\n- Open\n- Choose\n- Close'),
    ],
    passes: [
      section('Flows', '1. Open\n2. Choose\n3. Close'),
      section('Flows', '- Closing an order\n  1. Open\n  2. Choose\n- Printing\n  1. Open\n  2. Print'),
      section('Goals', '- 1\n- 2\n- 3'),
    ],
  },
  {
    rule: 'flow.branch',
    finds: [
      section('Flows', '1. If the order is paid, close it, else wait'),
      section('Flows', '1. Open\n2. Pay, otherwise cancel'),
      section('Flows', '1. Depending on the shop the page shows a list'),
    ],
    passes: [
      section('Flows', '1. Open\n2. Pay'),
      section('Failure cases', '- If the order is unpaid, else'),
      section('Flows', '1. The clerk asks if the order is paid'),
    ],
  },
  {
    rule: 'flow.no-error-path',
    finds: [
      section('Flows', '1. Open\n2. Pay\n3. Done'),
      section('User journeys', '1. The clerk opens the list\n2. The page shows 20 orders'),
      section('Use cases', 'The clerk opens the list and closes orders.'),
    ],
    passes: [
      section('Flows', '1. Open\n2. The card is declined\n3. The page says so'),
      `${section('Flows', '1. Open\n2. Pay')}\n## Failure cases\n\n- No network: the page says since when\n`,
      section('Goals', '- 20 orders'),
    ],
  },
  {
    rule: 'failure.incomplete',
    finds: [
      section('Failure cases', '- No network'),
      section('Errors', '- The bank does not answer'),
      section('Failure modes', '| Condition | Response | Seen |\n| --- | --- | --- |\n| No network | | a banner |'),
    ],
    passes: [
      section('Failure cases', '- No network: the page keeps the list, and the clerk sees since when'),
      section('Errors', '- When the bank does not answer, the till asks again after 5 s'),
      section(
        'Failure modes',
        '| Condition | Response | Seen |\n| --- | --- | --- |\n| No network | keep | a banner |',
      ),
    ],
  },
  {
    rule: 'requirement.no-criteria',
    finds: [
      requirements('- Good overview for clerks'),
      `${requirement('The page shall list orders.', 'Given 2, when opened, then 2')}\n### FR-002: Labels\n\nGood labels for parcels.\n`,
      requirements('- Search', '- Dark mode'),
    ],
    passes: [
      requirements('- The page shows 20 orders'),
      requirement('Overview.', 'Given 2 orders, when opened, then 2 rows'),
      requirements('- When a clerk calls, the service shall answer.'),
    ],
  },
  {
    rule: 'requirement.compound',
    finds: [
      requirements('- FR-1: The page shall list orders and shall print labels.'),
      requirements('- FR-1: The service must store the order and must also notify the shop.'),
      requirements('- FR-1: The page shows orders and/or parcels.'),
    ],
    passes: [
      requirements('- FR-1: The page shall list orders with name and date.'),
      requirements('- FR-1: The service must store the order.'),
      requirement('The page shall list orders.', 'Then it shall open and shall close'),
    ],
  },
  {
    rule: 'criterion.compound',
    finds: [
      requirement(
        'The page shall list orders.',
        'Given 2, when opened, then a row is shown and the total is 2 and the page prints',
      ),
      requirement(
        'The page shall pay.',
        'When paid, then the order is closed, and an email is sent and the stock falls',
      ),
      requirement('A page.', 'Given a, when b, then it opens and it saves and it closes'),
    ],
    passes: [
      requirement('The page shall list orders.', 'Given 2, when opened, then 2 rows are shown'),
      requirement('The page shall pay.', 'When paid, then the order is closed and the clerk sees it'),
      requirement('A page.', 'Given a and the b and the c, when d, then e'),
    ],
  },
  {
    rule: 'criterion.only-happy',
    finds: [
      requirement(
        'The page shall list orders.',
        ...criteria(3, (n) => `Given ${n} orders, when the page opens, then ${n} rows are shown`),
      ),
      requirement(
        'The till shall take cards.',
        'Given a card, when held, then paid',
        'Given cash, when given, then paid',
        'Given a voucher, when scanned, then paid',
      ),
      requirement('The clerk prints.', 'A4 is printed', 'A5 is printed', 'A6 is printed'),
    ],
    passes: [
      requirement(
        'The page shall list orders.',
        ...criteria(2, (n) => `Given ${n} orders, when the page opens, then ${n} rows are shown`),
      ),
      requirement(
        'The till shall take cards.',
        'Given a card, when held, then paid',
        'Given an expired card, when held, then it is refused',
        'Given cash, then paid',
      ),
      requirement('The clerk prints.', 'A4 is printed', 'A5 is printed', 'Without paper the page says so'),
    ],
  },
  {
    rule: 'criterion.too-many',
    finds: [9, 10, 12].map((count) =>
      requirement('The page shall list orders.', ...criteria(count, (n) => `Row ${n} is shown`)),
    ),
    passes: [1, 5, 8].map((count) =>
      requirement('The page shall list orders.', ...criteria(count, (n) => `Row ${n} is shown`)),
    ),
  },
  {
    rule: 'story.personas',
    finds: [
      requirements('- As a clerk and a driver, I want to see orders.'),
      requirements('- As a clerk or an owner, I want to see orders.'),
      requirements('- As a clerk/driver, I want to see orders.'),
    ],
    passes: [
      requirements('- As a clerk, I want to see orders and parcels.'),
      requirements('- As an owner of two shops, I want the sum.'),
      requirements('- FR-1: Clerks and drivers see orders.'),
    ],
  },
  {
    rule: 'priority.all-equal',
    finds: [
      requirements(...criteria(5, (n) => `- FR-${n} (must): Row ${n} is shown`)),
      section(
        'Requirements',
        `| ID | Requirement | Priority |\n| --- | --- | --- |\n${criteria(6, (n) => `| FR-${n} | Row ${n} is shown | High |`).join('\n')}`,
      ),
      requirements(...criteria(5, (n) => `- FR-${n}: Row ${n} is shown. Priority: P1`)),
    ],
    passes: [
      requirements(...criteria(5, (n) => `- FR-${n} (${n > 3 ? 'should' : 'must'}): Row ${n} is shown`)),
      requirements(...criteria(4, (n) => `- FR-${n} (must): Row ${n} is shown`)),
      requirements(...criteria(5, (n) => `- FR-${n}: Row ${n} is shown`)),
    ],
  },
  {
    rule: 'size.requirement',
    finds: [201, 250, 400].map((count) => requirement(criteria(count, (n) => `word${n}`).join(' '), 'Row 1 is shown')),
    passes: [5, 100, 180].map((count) => requirement(criteria(count, (n) => `word${n}`).join(' '), 'Row 1 is shown')),
  },
  {
    rule: 'contract.no-example',
    finds: [
      section('Data contracts', 'The order has an id and a total.'),
      section('API', 'The service lists orders.'),
      section('Events', '- The order event is published'),
    ],
    passes: [
      section('Data contracts', `The order:\n\n${FENCE}`),
      section('API', '- `GET /orders` lists orders'),
      section('Interfaces', '`list(shop: string): Order[]` lists `{id}`'),
    ],
  },
  {
    rule: 'contract.undescribed',
    finds: [
      section('Data contracts', FENCE),
      section('API', `Answer:\n\n${FENCE}`),
      section('Events', '```json\n{ "a1": 1, "b2": 2, "c3": 3 }\n```\n\nThe a1 is the shop.'),
    ],
    passes: [
      section('Data contracts', `${FENCE}\n\n| Field | Meaning |\n| --- | --- |\n| id | key |\n| total | sum |`),
      section('API', `The id is the key, the total the sum.\n\n${FENCE}`),
      section('Notes', FENCE),
    ],
  },
  {
    rule: 'design.in-prd',
    finds: [
      requirements('- FR-1: The service shall cache orders in Redis for 5 s.'),
      requirements('- FR-1: Orders are kept in a database table.'),
      requirements('- FR-1: A cron job closes orders every hour.'),
    ],
    passes: [
      requirements('- FR-1: The page shows orders of the last 5 s.'),
      section('Notes', 'Today it is Redis.'),
      requirement('The page shall list orders.', 'Given Redis is down, when opened, then it says so'),
    ],
  },
  {
    rule: 'rollout.unasked',
    finds: [
      section('Migration', 'Shops move one by one.'),
      section('Backward compatibility', 'Version 1 stays.'),
      section('Transition phase', 'Two months.'),
    ],
    passes: [
      `${section('Goals', '- Existing shops keep their 40 lists')}\n## Migration\n\nShops move.\n`,
      section('Rollout', 'Shop 1 first.'),
      `${section('Problem', 'The legacy list loses 3 orders.')}\n## Migration\n\nShops move.\n`,
    ],
  },
  {
    rule: 'tech.no-path',
    words: 160,
    finds: [
      section('Approach', 'A list.'),
      section('Design', 'A class for orders.'),
      section('Approach', 'See https://shop.test/a/b.'),
    ],
    passes: [
      section('Approach', 'A list in src/list.ts.'),
      section('Design', '```\nsrc/orders/list.ts\n```'),
      section('Approach', 'The file `list.py` changes.'),
    ],
  },
  {
    rule: 'tech.stub',
    finds: [
      section('Approach', 'The payment service is a stub.'),
      section('Design', 'The answer is hard-coded for now.'),
      section('Steps', '1. A mock endpoint answers 20'),
    ],
    passes: [
      section('Approach', 'The payment service is a stub; step 4 removes the stub.'),
      section('Tests', '- The bank is a mocked service'),
      section('Approach', 'The payment service is called.'),
    ],
  },
  {
    rule: 'bug.no-regression',
    words: 70,
    finds: [
      section('Expected behaviour', '20 orders.'),
      section('Actual behaviour', '19 orders.'),
      section('Steps to reproduce', '1. Run the tests of the list'),
    ],
    passes: [
      `${section('Expected behaviour', '20 orders.')}\n## Acceptance criteria\n\n- 20 orders\n`,
      section('Expected behaviour', '20 orders; a regression test shows it.'),
      section('Tests', '- `list_20_listed`'),
    ],
  },
]
