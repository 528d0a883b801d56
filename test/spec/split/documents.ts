/** Specifications of several things at once, in the shapes people write them in. */

const THINGS: readonly (readonly [string, readonly string[]])[] = [
  [
    'Checkout',
    [
      'charge the card once per order',
      'refuse an expired voucher code',
      'print a fiscal receipt',
      'refund a cancelled basket within 3 days',
      'show the tax of each basket line',
      'keep a basket for 30 days',
    ],
  ],
  [
    'Fleet tracking',
    [
      'plot each van on a map every 10 s',
      'warn a dispatcher of a detour above 2 km',
      'store GPS traces for 90 days',
      'derive idle engine minutes',
      'let a driver mute tracking off shift',
      'export a mileage sheet',
    ],
  ],
  [
    'Staff rota',
    [
      'list free shifts per week',
      'swap shifts between two colleagues',
      'forbid more than 10 hours in a row',
      'count overtime hours',
      'publish the rota on Friday at 12:00',
      'record sick leave',
    ],
  ],
  [
    'Help centre',
    [
      'rank articles by votes',
      'open a ticket by chat',
      'close tickets silent for 14 days',
      'translate articles to Polish',
      'attach screenshots up to 5 MB',
      'survey satisfaction afterwards',
    ],
  ],
]

export const TITLES = THINGS.map(([title]) => title)

type Write = (wish: string, number: number) => string

function sections(mark: string, write: Write, between = '\n'): string {
  let number = 0
  return THINGS.map(([title, wishes]) => {
    const items = wishes.map((wish) => {
      number += 1
      return write(wish, number)
    })
    return `${mark} ${title}\n\n${items.join(between)}\n`
  }).join('\n')
}

const OPENING = '# Depot\n\n## Problem\n\nDispatchers lose 3 hours a day.\n\n'

/** By shape: each of four independent things, 24 requirements in all. */
export const OVERSIZED: Readonly<Record<string, string>> = {
  'labelled lists in sections of the functional requirements': `${OPENING}## Functional requirements

${sections('###', (wish, number) => `- FR-${number}: The system shall ${wish}.\n  - Given case ${number}, when it happens, then it is done within ${number} s.`)}
## Non-functional requirements

- NFR-1: Pages open within 1 s.
- NFR-2: The service is up 99.9 % of a month.
`,
  'plain lists that are requirements only by the heading above': `${OPENING}## Functional requirements

${sections('###', (wish) => `- ${wish[0]?.toUpperCase()}${wish.slice(1)}`)}
## Open questions

- Who pays?
`,
  'a top-level section for each thing, beside security': `---
owner: ops
repositories:
  FR-1: shop
  FR-7: fleet
---

${OPENING}${sections('##', (wish, number) => `### FR-${number}: Duty ${number}\n\nThe system shall ${wish}, see [c][carrier].\n\n\`\`\`md\n# no heading\n[x](#checkout)\n\`\`\`\n`)}
## Security

- SEC-1: The system shall log each sign-in.
- SEC-2: The system shall hash passwords.

## Glossary

A van is in [the fleet](#fleet-tracking "vans"), \`[code](#checkout)\` is not. <a id="vans"></a>

[carrier]: #staff-rota
`,
  'a table for each thing': `${OPENING}## Requirements

${sections('###', (wish, number) => `${number % 6 === 1 ? '| ID | Requirement |\n| --- | --- |\n' : ''}| FR-${number} | The system shall ${wish}. |`)}`,
  'epics of user stories': `${OPENING}${sections('## Epic:', (wish, number) => `### US-${number}: Story ${number}\n\nAs a clerk, I want to ${wish} so that I save time.\n\nAcceptance criteria:\n- It takes ${number} s at most.\n`)}`,
  'numbered headings of one level': `# Depot

## 1. Introduction

Dispatchers lose 3 hours a day.

## 2. Requirements

${sections('## 2.x', (wish, number) => `- FR-${number}: The system shall ${wish}.`).replace(/2\.x (\w)/g, (_, first: string) => `2.${TITLES.findIndex((title) => title.startsWith(first)) + 1} ${first}`)}
## 3. Risks

- None.
`,
}

/** Requirements of one thing that stand below each other, each a section of its own. */
export function kiro(count: number): string {
  const requirements = Array.from({ length: count }, (_, index) => {
    const number = index + 1
    return `### Requirement ${number}

**User Story:** As a clerk, I want page ${number} of the order, so that I save time.

#### Acceptance Criteria

1. WHEN page ${number} opens THEN the system SHALL show its order
2. IF page ${number} is gone THEN the system SHALL say so
`
  })
  return `# Requirements Document\n\n## Introduction\n\nOrders have pages.\n\n## Requirements\n\n${requirements.join('\n')}`
}

/** A PRD of about 1,500 words about one thing, with fifteen requirements. */
export function thorough(): string {
  const requirements = Array.from({ length: 15 }, (_, index) => {
    const number = index + 1
    return `### FR-${number}: Label ${number} of the parcel

The printer shall put label ${number} on the parcel within ${number} s of the scan at the gate, in the language of the receiver.

Acceptance criteria:
- Given a parcel at the gate, when its label ${number} is printed, then the scale shows the weight of the parcel and its tariff.
- Given a parcel without an address, when label ${number} is asked for, then the parcel goes to the desk and the screen says which line is missing.
- Given a printer without paper, when label ${number} is asked for, then the parcel waits and the lamp above the gate is red.
`
  })
  return `# Parcel labels\n\n## Problem\n\nWorkers stick 400 labels a day by hand.\n\n## Goals\n\n- 0 labels by hand\n\n## Requirements\n\n${requirements.join('\n')}\n## Non-goals\n\n- Customs forms\n`
}
