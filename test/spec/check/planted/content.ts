import type { PlantedDefect } from './defect.ts'
import { sectionOf } from './section.ts'

const tram = 'prd-tram-disruption-board.md'
const clinic = 'prd-clinic-recall.md'
const coop = 'prd-coop-assembly-vote.md'
const warehouse = 'prd-warehouse-fast-lane.md'
const archive = 'prd-archive-migration.md'
const parcel = 'prd-short-parcel-locker.md'
const choir = 'prd-short-choir-rollcall.md'

export const contentDefects: readonly PlantedDefect[] = [
  {
    name: 'a problem without a measure',
    file: parcel,
    replace:
      'Residents who travel miss the 72-hour collection window. In October the couriers carried 214 of 3,900 parcels back to the depot, at 4.10 EUR each.',
    by: 'Residents who travel miss the collection window. The couriers carry the parcels back to the depot, and the operator pays for the way.',
    rule: 'problem.no-number',
  },
  {
    name: 'late orders without a count',
    file: warehouse,
    replace: sectionOf(warehouse, '## Problem'),
    by: '## Problem\n\nPickers receive urgent orders inside ordinary waves. Urgent orders miss the truck, and the dealer loses harvest time. Pickers report that they learn of an urgent line only when they stand before the shelf.\n\n',
    rule: 'problem.no-number',
  },
  {
    name: 'a problem that builds a page',
    file: choir,
    replace: 'is lost before the secretary sees it.',
    by: 'is lost before the secretary sees it. We will build a web page with a button for each singer.',
    rule: 'problem.solution',
  },
  {
    name: 'a problem that knows the solution',
    file: coop,
    replace: "The lawyers' bill for that dispute was 8,300 EUR.",
    by: "The lawyers' bill for that dispute was 8,300 EUR. The solution is to implement electronic terminals with a central ledger.",
    rule: 'problem.solution',
  },
  {
    name: 'a goal that nobody can measure',
    file: coop,
    replace: '- A count takes at most 90 seconds from the end of voting to the shown result.',
    by: '- Tellers spend less time on the count.',
    rule: 'goal.no-number',
  },
  {
    name: 'a labelled goal without an outcome',
    file: archive,
    replace: '- G4: Requests with a wrong shelf mark fall from 38 % to below 5 %.',
    by: '- G4: Archivists trust the shelf marks again.',
    rule: 'goal.no-number',
  },
  {
    name: 'a passenger without friction',
    file: tram,
    replace: '- Friction: the screen counts down a tram that never arrives.\n',
    by: '',
    rule: 'persona.incomplete',
  },
  {
    name: 'an auditor without a goal',
    file: coop,
    replace: ' *Goal:* repeat each count on paper.',
    by: '',
    rule: 'persona.incomplete',
  },
  {
    name: 'an empty friction cell',
    file: clinic,
    replace: ' has to walk to the desk and ask |',
    by: ' |',
    rule: 'persona.incomplete',
  },
  {
    name: 'a flow as dashes',
    file: archive,
    replace:
      "1. The archivist scans the barcode on the box.\n2. The catalogue shows the records that belong to the box.\n3. The archivist types the new shelf mark.\n4. The catalogue shows the new shelf mark with the archivist's initials.",
    by: "- The archivist scans the barcode on the box.\n- The catalogue shows the records that belong to the box.\n- The archivist types the new shelf mark.\n- The catalogue shows the new shelf mark with the archivist's initials.",
    rule: 'flow.unnumbered',
  },
  {
    name: 'a flow as prose',
    file: warehouse,
    replace:
      sectionOf(warehouse, '## Main flows').split('**Flow C: the shift lead cancels an urgent order**\n\n')[1] ?? '',
    by: 'The shift lead opens the urgent-order list and presses "Cancel" beside the order. The handheld of the picker then shows "Order cancelled, leave the parts in the tote".\n\n',
    rule: 'flow.unnumbered',
  },
  {
    name: 'a step with an else',
    file: tram,
    replace: '3. The dispatcher marks the first and the last interrupted stop.',
    by: '3. If the whole line is interrupted, the dispatcher marks all stops, else the dispatcher marks the first and the last one.',
    rule: 'flow.branch',
  },
  {
    name: 'a step with an otherwise',
    file: clinic,
    replace: '4. The receptionist presses "Print letters".',
    by: '4. If the printer is ready, the receptionist presses "Print letters", otherwise the receptionist waits.',
    rule: 'flow.branch',
  },
  {
    name: 'flows that never fail',
    file: parcel,
    replace: `### When it goes wrong

1. The resident enters a code that belongs to no parcel.
2. The panel shows "Unknown code" and returns to the start screen.

## Requirements

### FR-001: Refuse an unknown code

The panel shall reject a pick-up code that belongs to no parcel in the locker.

- Given no parcel with code 4471, when a resident enters 4471, then the panel shows "Unknown code".

`,
    by: '## Requirements\n\n',
    rule: 'flow.no-error-path',
  },
  {
    name: 'a requirement whose criterion is gone',
    file: warehouse,
    replace:
      '\nAcceptance:\n- Given 11 waiting urgent lines, when a picker scans the badge, then the walk has 8 lines.\n',
    by: '',
    rule: 'requirement.no-criteria',
  },
  {
    name: 'a row of the table that no criterion covers',
    file: archive,
    replace:
      'For REQ-5:\n\n- Given a record with the shelf mark K-12, when the archivist changes the mark to K-21, then the history shows K-12 with the day of the change.\n\n',
    by: '',
    rule: 'requirement.no-criteria',
  },
  {
    name: 'a requirement of a bug without proof',
    file: 'bug-screen-frozen-after-dst.md',
    replace:
      '\n1. Given the second 02:30 of the night, when the poller writes a line, then the line carries 01:30 UTC.\n',
    by: '',
    rule: 'requirement.no-criteria',
  },
  {
    name: 'three behaviours in one statement',
    file: coop,
    replace: "The terminal shall send the member's choice to the ledger when the member presses a button.",
    by: "The terminal shall send the member's choice to the ledger, print a paper slip and release the door of the hall.",
    rule: 'requirement.compound',
  },
  {
    name: 'two shalls in one row',
    file: archive,
    replace: 'The catalogue shall accept a scan request from a signed-in researcher.',
    by: 'The catalogue shall accept a scan request from a signed-in researcher and shall reserve the box in the reading room.',
    rule: 'requirement.compound',
  },
  {
    name: 'three outcomes in one Then',
    file: tram,
    replace: 'then the loudspeaker speaks the notice once.',
    by: 'then the loudspeaker speaks the notice once, the screen blinks twice and the board stores the time of the request.',
    rule: 'criterion.compound',
  },
  {
    name: 'two outcomes of an issued invoice',
    file: 'bug-invoice-rounding.md',
    replace: 'three discounts of 3.334 %, when the clerk issues the invoice, then the total before tax is 90.00 EUR.',
    by: 'three discounts of 3.334 %, when the clerk issues the invoice, then the total before tax is 90.00 EUR and the engine sends the PDF to the customer.',
    rule: 'criterion.compound',
  },
  {
    name: 'a story in which the phone never loses contact',
    file: choir,
    replace: '- Given a phone without a connection, when the leader taps a name, then the row shows a clock.',
    by: '- Given the list of 84 names, when the leader opens it, then the first row belongs to the sopranos.',
    rule: 'criterion.only-happy',
  },
  {
    name: 'a feature in which no member is ever refused',
    file: coop,
    replace: `Scenario: no contact with the ledger
  Given a terminal without contact to the ledger
  When the member presses "No"
  Then the terminal shows "Not stored, please use another terminal"
`,
    by: `Scenario: vote in favour
  Given a member with a valid card
  When the member presses "Yes"
  Then the terminal shows "Your vote for the motion is stored"

Scenario: abstention
  Given a member with a valid card
  When the member presses "Abstain"
  Then the terminal shows "Your abstention is stored"
`,
    rule: 'criterion.only-happy',
  },
  {
    name: 'ten criteria for one date',
    file: clinic,
    replace: '2. Given a treatment without a closing date, when the nightly run reaches it, then the service lists',
    by: [
      ['2', '15 January 2025', '15 July 2025'],
      ['3', '28 February 2025', '28 August 2025'],
      ['4', '9 March 2025', '9 September 2025'],
      ['5', '1 April 2025', '1 October 2025'],
      ['6', '20 May 2025', '20 November 2025'],
      ['7', '7 June 2025', '7 December 2025'],
      ['8', '30 July 2025', '30 January 2026'],
      ['9', '12 September 2025', '12 March 2026'],
    ]
      .map(
        ([n, from, to]) =>
          `${n}. Given a treatment closed on ${from}, when the service sets the due date, then it is ${to}.\n`,
      )
      .join('')
      .concat('10. Given a treatment without a closing date, when the nightly run reaches it, then the service lists'),
    rule: 'criterion.too-many',
  },
]
