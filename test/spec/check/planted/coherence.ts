import type { PlantedDefect } from './defect.ts'

const tram = 'prd-tram-disruption-board.md'
const clinic = 'prd-clinic-recall.md'
const coop = 'prd-coop-assembly-vote.md'
const warehouse = 'prd-warehouse-fast-lane.md'
const archive = 'prd-archive-migration.md'
const kiosk = 'tech-kiosk-refund.md'
const handheld = 'tech-handheld-offline-walk.md'
const ledger = 'tech-vote-ledger-standby.md'

export const coherenceDefects: readonly PlantedDefect[] = [
  {
    name: 'a notice after 10 seconds and after 25',
    file: tram,
    replace: 'when the board publishes a notice for its platform, then the screen shows the notice within 10 seconds.',
    by: 'when the board publishes a notice for its platform, then the screen shows the notice within 25 seconds.',
    rule: 'conflict.quantity',
  },
  {
    name: 'a 95th percentile of 1.5 seconds and of 4',
    file: warehouse,
    replace:
      '- Performance: the 95th percentile of the answer time to a badge scan is 1.5 seconds with 46 handhelds online.',
    by: '- Performance: the 95th percentile of the answer time to a badge scan is 4 seconds with 46 handhelds online.',
    rule: 'conflict.quantity',
  },
  {
    name: 'a cache of 300 bitmaps and of 500',
    file: 'bug-map-tiles-leak.md',
    replace:
      '- Given a bitmap that the screen shows at this moment, when the cache is full, then the cache drops another one.',
    by: '- Given an open map, when the ranger pans for 8 hours, then the cache holds at most 500 bitmaps over all zoom levels.',
    rule: 'conflict.quantity',
  },
  {
    name: 'a count of 90 seconds with a threshold of 150',
    file: coop,
    replace: 'Why: silence invites doubt. Threshold: 90 seconds for each motion.',
    by: 'Why: silence invites doubt. Threshold: 150 seconds for each motion.',
    rule: 'conflict.quantity',
  },
  {
    name: 'a lease of 15 seconds and of 30',
    file: ledger,
    replace: 'waits one full lease of 15 seconds before',
    by: 'waits one full lease of 30 seconds before',
    rule: 'conflict.quantity',
  },
  {
    name: 'a notice in the excluded phone app',
    file: tram,
    replace: '## Data contract: notice',
    by: `### FR-008: Tell the phone app

Priority: Could. Repository: tram-board-api.

The board shall show notices in the passenger phone app.

- Given a published notice, when a passenger opens the phone app, then the app shows the notice.
- Given a phone app without a connection, when a passenger opens it, then the app shows "Offline".

## Data contract: notice`,
    rule: 'conflict.scope',
  },
  {
    name: 'an export that is excluded',
    file: coop,
    replace: '- Managing the list of members.',
    by: '- Managing the list of members.\n- Exporting the ledger of votes.',
    rule: 'conflict.scope',
  },
  {
    name: 'a yearly list that is excluded',
    file: archive,
    replace: "It does not replace the museum's ticket shop.",
    by: 'It does not produce the yearly list of a donor as a spreadsheet.',
    rule: 'conflict.scope',
  },
  {
    name: 'one evening, a refund and a refusal',
    file: kiosk,
    replace: 'when `decide` runs on 1 April at 23:59 local time, then the result is a refund.',
    by: 'when `decide` runs on 2 April at 00:00 local time, then the result is a refund.',
    rule: 'conflict.outcome',
  },
  {
    name: 'one vote, accepted and rejected',
    file: coop,
    replace: 'Given a motion with the rule "two thirds", 320 votes for and 300 against',
    by: 'Given a motion with the rule "simple majority", 320 votes for and 300 against',
    rule: 'conflict.outcome',
  },
  {
    name: 'one patient, on the list and absent',
    file: clinic,
    replace: '2. Given a due date 8 days ahead,',
    by: '2. Given a due date 7 days ahead,',
    rule: 'conflict.outcome',
  },
  {
    name: 'one entry, 409 and 200',
    file: ledger,
    replace: 'when an entry of term 4 arrives, then the receiver answers 200.',
    by: 'when an entry of term 3 arrives, then the receiver answers 200.',
    rule: 'conflict.outcome',
  },
  {
    name: 'the end of an interruption, required twice',
    file: tram,
    replace: '## Data contract: notice',
    by: `### FR-008: Take the notice away

Priority: Could. Repository: tram-board-api.

The board shall withdraw the notice from the screens when a dispatcher confirms its end.

- Given an interruption on line 3, when the dispatcher confirms its end, then the screens of line 3 show the departure list only.

## Data contract: notice`,
    rule: 'duplicate.requirement',
  },
  {
    name: 'the order of the log, required twice',
    file: handheld,
    replace: '## 7 Error handling',
    by: `### OW-7 Keep the order

The uploader shall send all entries of the log in ascending order of \`seq\`.

- Given entries 7 to 9 without contact, when contact returns, then the planner receives 7, 8, 9.

## 7 Error handling`,
    rule: 'duplicate.requirement',
  },
  {
    name: 'two requirements called OW-5',
    file: handheld,
    replace: '### OW-6 Reject a gap',
    by: '### OW-5 Reject a gap',
    rule: 'duplicate.label',
  },
  {
    name: 'two requirements called DD-2',
    file: 'tech-recall-due-dates.md',
    replace: '### DD-3 Report what it skipped',
    by: '### DD-2 Report what it skipped',
    rule: 'duplicate.label',
  },
]
