import { readFileSync } from 'node:fs'

/** A requirement a person found in a fixture: its id, or the start of its text; a piece of its first line; its number of criteria. */
export type ExpectedRequirement = readonly [idOrText: string, firstLine: string, criteria: number]

export interface LabelledFixture {
  readonly file: string
  readonly requirements: readonly ExpectedRequirement[]
  readonly questions: readonly string[]
}

/** Read and labelled by hand; the extraction had no say in it. */
export const labelledFixtures: readonly LabelledFixture[] = [
  {
    file: 'openspec-spec.md',
    requirements: [
      ['Idle sessions end: The gateway SHALL end', '### Requirement: Idle', 2],
      ['Sign-out everywhere: A person SHALL', '### Requirement: Sign-out', 1],
      ['Tokens are rotated: The gateway SHALL replace', '### Requirement: Tokens', 1],
    ],
    questions: [],
  },
  {
    file: 'openspec-change.md',
    requirements: [
      ['Archive old invoices: The billing service', '### Requirement: Archive', 1],
      ['Invoice numbers: Invoice numbers SHALL', '### Requirement: Invoice numbers', 2],
    ],
    questions: [],
  },
  {
    file: 'spec-kit.md',
    requirements: [
      ['User Story 1', '### User Story 1', 2],
      ['User Story 2', '### User Story 2', 1],
      ['FR-001', '**FR-001**', 0],
      ['FR-002', '**FR-002**', 0],
      ['FR-003', '**FR-003**', 0],
      ['FR-004', '**FR-004**', 0],
      ['FR-005', '**FR-005**', 0],
      ['SC-001', '**SC-001**', 0],
      ['SC-002', '**SC-002**', 0],
    ],
    questions: ['how long is a list kept?'],
  },
  {
    file: 'kiro.md',
    requirements: [
      ['Requirement 1', '### Requirement 1', 3],
      ['Requirement 2', '### Requirement 2', 2],
    ],
    questions: [],
  },
  {
    file: 'ears.md',
    requirements: [
      ['The controller shall stop the pump', 'The controller shall stop', 0],
      ['While the pump is running', 'While the pump', 0],
      ['If the pressure exceeds 8 bar, then the controller shall open', 'If the pressure', 0],
      ['Where a second pump is fitted', 'Where a second', 0],
      ['When the service key is turned', 'The pump was last changed', 0],
      ['Each sensor must be calibrated', '- Each sensor', 0],
    ],
    questions: [],
  },
  {
    file: 'plain-prd.md',
    requirements: [
      ['A customer can buy a card', '1. A customer can buy', 2],
      ['A customer can pay with one or several cards. The rest', '2. A customer can pay', 0],
      ['Support can block a card.', '3. Support', 0],
      ['The email names the giver.', '- The email names', 0],
      ['The email has a link', '- The email has', 0],
      ['Codes have at least 80 bits', '- Codes have', 0],
      ['Codes are stored as hashes.', '- Codes are', 0],
      ['Checking a code takes', '- Checking', 0],
      ['The tax office must be informed', 'The tax office', 0],
    ],
    questions: ['Who carries the loss when a card is stolen?'],
  },
  {
    file: 'user-story-prd.md',
    requirements: [
      ['US-1', '### US-1', 2],
      ['US-2', '### US-2', 2],
      ['US-3', '### US-3', 1],
      ['As a guest, I want to see the plan', '- As a guest', 1],
      ['As a cook, I want to print', '- As a cook', 0],
    ],
    questions: [],
  },
  {
    file: 'table-prd.md',
    requirements: [
      ['REQ-1', '| REQ-1   |', 2],
      ['REQ-2', '| REQ-2   |', 1],
      ['REQ-3', '| REQ-3   |', 0],
      ['NFR-1', '| NFR-1', 1],
      ['NFR-2', '| NFR-2', 0],
      ['As a picker, I want to hear an error tone', '| picker', 0],
      ['As a shift lead, I want to see open picks', '| shift lead', 0],
    ],
    questions: [],
  },
  {
    file: 'bug-report.md',
    requirements: [
      ['The total equals the sum', 'The total equals', 0],
      ['Given three lines of 0.335', '- [ ] Given three', 1],
      ['A regression test covers rounding', '- [ ] A regression', 0],
      ['Old invoices keep their total', '- [ ] Old invoices', 0],
    ],
    questions: [],
  },
  {
    file: 'tech-spec.md',
    requirements: [
      ['The bus must keep the order', 'The bus keeps events', 0],
      ['Subscribers must acknowledge', '- Subscribers', 0],
      ['R1.1', 'R1.1: An', 0],
      ['R1.2', 'R1.2: An', 2],
      ['R2.1', '**R2.1**', 0],
    ],
    questions: ['is there a second region?', 'may a tenant choose longer?'],
  },
  {
    file: 'no-headings.md',
    requirements: [
      ['Export as vCard 4', '- Export as vCard', 0],
      ['Export as CSV', '- Export as CSV', 1],
      ['FR-7', '- FR-7', 0],
      ['Empty address book', 'Scenario: Empty', 1],
    ],
    questions: ['Which character set?'],
  },
  {
    file: 'acceptance-by-id.md',
    requirements: [
      ['FR-001', '#### FR-001', 2],
      ['FR-002', '#### FR-002', 1],
      ['NFR-1', '- NFR-1', 0],
      ['NFR-2', '- NFR-2', 0],
      ['AC-4', '- **AC-4**', 0],
    ],
    questions: [],
  },
  {
    file: 'feature-prd.md',
    requirements: [
      ['Playback speed: Listeners choose', '### 1. Playback', 2],
      ['Sleep timer: Playback ends', '### 2. Sleep', 0],
      ['Episodes download over Wi-Fi', '- Episodes', 0],
      ['1.2 GB is the largest', '- 1.2 GB', 0],
      ['Storage: old downloads', '- **Storage**', 0],
      ['Crash-free sessions', '- [x] Crash-free', 0],
      ['Screen readers read', '- [ ] Screen', 0],
    ],
    questions: ['Do we sync positions?'],
  },
]

export function readFixture(file: string): string {
  return readFileSync(new URL(`fixtures/${file}`, import.meta.url), 'utf8')
}
