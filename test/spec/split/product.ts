/** One thing with so many requirements. */
export function plainRequirements(count: number): string {
  const items = Array.from(
    { length: count },
    (_, index) =>
      `- FR-${index + 1}: The page shall list order ${index + 1} with its date.\n  It stays there for ${index + 1} days.`,
  )
  return `# Orders\n\n## Problem\n\nClerks lose 2 hours a day.\n\n## Requirements\n\n${items.join('\n')}\n\n## Notes\n\nNone.\n`
}

const CAPABILITIES: readonly (readonly [string, readonly string[]])[] = [
  [
    'Payments',
    [
      'The till shall charge the card of the guest.',
      'The till shall refuse an expired card.',
      'The till shall refund a charge within 3 days.',
      'The till shall print the receipt of a charge.',
      'The guest shall tip by card.',
      'The guest shall divide the bill.',
      'The till shall keep charges while the bank is away.',
      'The bank shall confirm each charge once.',
    ],
  ],
  [
    'Recipe search',
    [
      'The service shall find recipes by ingredient.',
      'The service shall rank recipes by season.',
      'The cook shall mark recipes as favourites.',
      'The cook shall hide recipes with nuts.',
      'The service shall suggest recipes while the cook types.',
      'The service shall translate recipes to French.',
      'The cook shall share recipes with a colleague, see [the printers](#kitchen-printers) and [the problem](#problem).',
      'The service shall index recipes within 5 minutes, see [above](#recipe-search).',
    ],
  ],
  [
    'Kitchen printers',
    [
      'The printer shall print tickets in order of arrival.',
      'The printer shall repeat a torn ticket.',
      'The hub shall see when paper is short.',
      'The hub shall route tickets to another printer.',
      'The hub shall queue tickets without power for 2 hours.',
      'The waiter shall cancel a ticket before it is printed.',
      'The printer shall cut after every ticket.',
      'The hub shall update firmware of printers at night.',
    ],
  ],
]

/** A document that speaks of three things. */
export function product(): string {
  let number = 0
  const sections = CAPABILITIES.map(([title, statements]) => {
    const requirements = statements.map((statement) => {
      number += 1
      return `#### FR-${String(number).padStart(3, '0')}: Part ${number}\n\n${statement}\n\nAcceptance criteria:\n- Given step ${number}, when it is done, then it is seen.\n`
    })
    return `### ${title}\n\n${requirements.join('\n')}`
  })
  return `# Kitchen

## Problem

Kitchens lose 20 minutes a day, most of all with [payments](#payments).

## Non-goals

- Deliveries

## Requirements

${sections.join('\n')}
## Failure cases

### When the card is declined

FR-002: the till says so, the guest pays cash.

### When everything is down

FR-002 and FR-017: paper and pen.
`
}
