import type { PlantedDefect } from './defect.ts'
import { sectionOf } from './section.ts'

const tram = 'prd-tram-disruption-board.md'
const clinic = 'prd-clinic-recall.md'
const coop = 'prd-coop-assembly-vote.md'
const warehouse = 'prd-warehouse-fast-lane.md'
const handheld = 'tech-handheld-offline-walk.md'
const invoice = 'bug-invoice-rounding.md'
const tiles = 'bug-map-tiles-leak.md'

/** The other half of the content family: contracts, failures, metrics, done, priorities, and what belongs to one kind only. */
export const substanceDefects: readonly PlantedDefect[] = [
  {
    name: 'a contract without its example',
    file: coop,
    replace: '```csv\nmotion,choice,card_hash,stored_at\n5,yes,9f31c07a,2025-05-16T18:22:07Z\n```\n\n',
    by: '',
    rule: 'contract.no-example',
  },
  {
    name: 'a contract of a notice that shows no notice',
    file: tram,
    replace: `\`\`\`json
{
  "notice_id": "N-20931",
  "line": 6,
  "platforms": ["C-1", "C-2", "D-1"],
  "reason": "accident",
  "starts_at": "2025-03-04T06:12:00Z"
}
\`\`\`

`,
    by: '',
    rule: 'contract.no-example',
  },
  {
    name: 'a field that the table forgot',
    file: tram,
    replace: '| starts_at | yes | moment of publication in UTC | not in the future |\n',
    by: '',
    rule: 'contract.undescribed',
  },
  {
    name: 'a flag of the letter without meaning',
    file: clinic,
    replace: '| `second` | true for a second letter | optional, false when absent |\n',
    by: '',
    rule: 'contract.undescribed',
  },
  {
    name: 'a failure without a response',
    file: tram,
    replace: '| The board keeps the first notice |',
    by: '| |',
    rule: 'failure.incomplete',
  },
  {
    name: 'a failure without an outcome',
    file: clinic,
    replace: ' **Outcome:** the second one sees the name of the first.',
    by: '',
    rule: 'failure.incomplete',
  },
  {
    name: 'a failure under its own heading without an outcome',
    file: warehouse,
    replace: ' Outcome: the picker waits 10 seconds longer.',
    by: '',
    rule: 'failure.incomplete',
  },
  {
    name: 'a metric with an empty threshold cell',
    file: warehouse,
    replace: '| pickers queue at the start point | 1.5 seconds |',
    by: '| pickers queue at the start point | |',
    rule: 'metric.no-threshold',
  },
  {
    name: 'a metric in a list without its threshold',
    file: coop,
    replace: ' Why: queues form at the help desk. Threshold: 95 %.',
    by: ' Why: queues form at the help desk.',
    rule: 'metric.no-threshold',
  },
  {
    name: 'done when dispatchers are happy',
    file: tram,
    replace: '- A load test with 212 screens and 3 notices meets the first indicator.',
    by: '- The dispatchers are happy with the form.',
    rule: 'done.subjective',
  },
  {
    name: 'done when it looks modern',
    file: coop,
    replace: '- [ ] The help desk has a printed instruction of one page.',
    by: '- [ ] The results page looks modern and feels right.',
    rule: 'done.subjective',
  },
  {
    name: 'a migration that nobody asked for',
    file: clinic,
    replace: '## 12. Done means',
    by: '## Migration\n\nThe service imports the spreadsheet once. The old spreadsheet stays writable for 12 months beside the service.\n\n## 12. Done means',
    rule: 'rollout.unasked',
  },
  {
    name: 'a backward compatibility that nobody asked for',
    file: warehouse,
    replace: '## Metrics',
    by: '## Backward compatibility\n\nThe planner accepts messages of schema versions 1 and 2 for two years.\n\n## Metrics',
    rule: 'rollout.unasked',
  },
  {
    name: 'six priorities, all must',
    file: coop,
    replace: 'Priority: Should',
    by: 'Priority: Must',
    rule: 'priority.all-equal',
  },
  {
    name: 'a class and a table in a requirement',
    file: warehouse,
    replace: 'The planner shall sort waiting urgent orders by the departure of their truck, earliest first.',
    by: 'The planner shall sort waiting urgent orders with a PriorityQueue class over the `urgent_orders` database table.',
    rule: 'design.in-prd',
  },
  {
    name: 'a framework in a requirement',
    file: tram,
    replace: 'The board shall show how many of the addressed screens confirmed a notice.',
    by: 'The board shall render the number of confirmations in a React component with a Redis cache.',
    rule: 'design.in-prd',
  },
  {
    name: 'a story for everybody',
    file: coop,
    replace: 'As an auditor, I want the votes without names',
    by: 'As an auditor, a member or the chair, I want the votes without names',
    rule: 'story.personas',
  },
  {
    name: 'a story of two',
    file: 'prd-short-choir-rollcall.md',
    replace: 'As the secretary, I want the count for each voice',
    by: 'As the secretary or a section leader, I want the count for each voice',
    rule: 'story.personas',
  },
  {
    name: 'a specification that names no file',
    file: 'tech-recall-due-dates.md',
    replace: 'The function lives in `recall/due_dates.py`.',
    by: 'The function lives beside the nightly run.',
    rule: 'tech.no-path',
  },
  {
    name: 'a stub that stays',
    file: handheld,
    replace: 'A property test generates logs',
    by: 'The uploader talks to a stub of the planner. A property test generates logs',
    rule: 'tech.stub',
  },
  {
    name: 'a temporary process that stays',
    file: 'tech-vote-ledger-standby.md',
    replace:
      'During weeks 1 and 2 the witness is a temporary process on machine A. Criterion of week 3: the process is gone from `cmd/ledger`, and the witness runs on its own machine.',
    by: 'The witness is a temporary process on machine A.',
    rule: 'tech.stub',
  },
  {
    name: 'an invoice bug that nothing shows mended',
    file: invoice,
    replace: sectionOf(invoice, '## What must hold afterwards') + sectionOf(invoice, '## Regression test'),
    by: '',
    rule: 'bug.no-regression',
  },
  {
    name: 'a leak that nothing shows mended',
    file: tiles,
    replace: sectionOf(tiles, '### Needed behaviour') + sectionOf(tiles, '### Regression checks'),
    by: '',
    rule: 'bug.no-regression',
  },
]
