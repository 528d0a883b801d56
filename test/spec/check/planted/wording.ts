import type { PlantedDefect } from './defect.ts'

const tram = 'prd-tram-disruption-board.md'
const clinic = 'prd-clinic-recall.md'
const coop = 'prd-coop-assembly-vote.md'
const warehouse = 'prd-warehouse-fast-lane.md'
const archive = 'prd-archive-migration.md'
const kiosk = 'tech-kiosk-refund.md'
const handheld = 'tech-handheld-offline-walk.md'
const ledger = 'tech-vote-ledger-standby.md'
const mail = 'bug-duplicate-membership-mail.md'
const frozen = 'bug-screen-frozen-after-dst.md'
const tiles = 'bug-map-tiles-leak.md'

export const wordingDefects: readonly PlantedDefect[] = [
  {
    name: 'a goal that promises a world-class experience',
    file: archive,
    replace: '- G2: A researcher receives a scan within 2 working days, down from 11.',
    by: '- G2: A researcher has a world-class experience and receives a scan within 2 working days, down from 11.',
    rule: 'wording.vision',
  },
  {
    name: 'a requirement that wants to delight',
    file: 'prd-short-parcel-locker.md',
    replace:
      'The panel shall move the return date of a parcel by 48 hours when the resident presses the extension button.',
    by: 'The panel shall delight the resident with a return date that is 48 hours later when the resident presses the extension button.',
    rule: 'wording.vision',
  },
  {
    name: 'a revolutionary criterion',
    file: warehouse,
    replace: 'when a picker scans the badge, then the walk has 8 lines.',
    by: 'when a picker scans the badge, then the picker gets a revolutionary walk of 8 lines.',
    rule: 'wording.vision',
  },
  {
    name: 'robust access',
    file: warehouse,
    replace: 'the handheld shall keep the lines of the current walk available to the picker.',
    by: 'the handheld shall give the picker robust access to the lines of the current walk.',
    rule: 'wording.quality',
  },
  {
    name: 'an intuitive way',
    file: tram,
    replace: 'The board shall compute the affected platforms from the first and last stop that the dispatcher marks.',
    by: 'The board shall offer the dispatcher an intuitive way to choose the affected platforms.',
    rule: 'wording.quality',
  },
  {
    name: 'a user-friendly page',
    file: ledger,
    replace: 'Each machine shall report its role and term under `/health`.',
    by: 'Each machine shall serve a user-friendly page under `/health`.',
    rule: 'wording.quality',
  },
  {
    name: 'a fast page',
    file: mail,
    replace: 'The portal shall show the page "Welcome" without waiting for the relay.',
    by: 'The portal shall be fast when it shows the page "Welcome".',
    rule: 'wording.quality',
  },
  {
    name: 'several reasons',
    file: tram,
    replace: 'The board shall offer the dispatcher a list of 14 reasons in alphabetical order.',
    by: 'The board shall offer the dispatcher a list of several reasons in alphabetical order.',
    rule: 'wording.vague-quantity',
  },
  {
    name: 'a few order lines',
    file: warehouse,
    replace: 'The planner shall limit an urgent walk to 8 order lines.',
    by: 'The planner shall limit an urgent walk to a few order lines.',
    rule: 'wording.vague-quantity',
  },
  {
    name: 'some gate events',
    file: kiosk,
    replace: 'with the reason `used` for a ticket with at least one gate event.',
    by: 'with the reason `used` for a ticket with some gate events.',
    rule: 'wording.vague-quantity',
  },
  {
    name: 'various patients in a criterion',
    file: clinic,
    replace: '1. Given 5 selected patients, when the receptionist presses "Print letters", then the PDF has 5 pages.',
    by: '1. Given various selected patients, when the receptionist presses "Print letters", then the PDF has their pages.',
    rule: 'wording.vague-quantity',
  },
  {
    name: 'a terminal that reacts as usual',
    file: coop,
    replace: 'Then the terminal shows "This card was replaced"',
    by: 'Then the terminal reacts as usual',
    rule: 'wording.as-usual',
  },
  {
    name: 'a line shown as expected',
    file: handheld,
    replace: 'when the app starts again, then the screen shows line 3.',
    by: 'when the app starts again, then the screen shows the line as expected.',
    rule: 'wording.as-usual',
  },
  {
    name: 'a page if necessary',
    file: clinic,
    replace: 'The service shall produce one PDF page for each selected patient.',
    by: 'The service shall, if necessary, produce one PDF page for each selected patient.',
    rule: 'wording.as-usual',
  },
  {
    name: 'nobody excludes the patients',
    file: clinic,
    replace: 'The service shall exclude a patient with a recorded date of death from the list.',
    by: 'Patients with a recorded date of death shall be excluded from the list.',
    rule: 'wording.hidden-actor',
  },
  {
    name: 'nobody answers the key',
    file: kiosk,
    replace: 'The route shall answer a repeated idempotency key with the refund of the first request.',
    by: 'A repeated idempotency key shall be answered with the refund of the first request.',
    rule: 'wording.hidden-actor',
  },
  {
    name: 'nobody writes the track',
    file: tiles,
    replace: 'The recorder shall write the track to storage every 10 seconds.',
    by: 'The track must be written to storage every 10 seconds.',
    rule: 'wording.hidden-actor',
  },
  {
    name: 'should among shalls',
    file: warehouse,
    replace: 'The planner shall show the shift lead each urgent order',
    by: 'The planner should show the shift lead each urgent order',
    rule: 'wording.should',
  },
  {
    name: 'might among shalls',
    file: ledger,
    replace: 'The receiver shall answer 409 to an entry whose term',
    by: 'The receiver might answer 409 to an entry whose term',
    rule: 'wording.should',
  },
  {
    name: 'a refusal that is correctly handled',
    file: mail,
    replace: 'then the portal repeats the request with the same key after 60 seconds.',
    by: 'then the portal correctly handles the refusal.',
    rule: 'wording.untestable',
  },
  {
    name: 'software that works properly',
    file: frozen,
    replace: 'then the watchdog leaves the software alone.',
    by: 'then the watchdog works properly.',
    rule: 'wording.untestable',
  },
  {
    name: 'a graceful requirement',
    file: handheld,
    replace: 'The app shall remove the lines in `removed_lines` from the stored walk.',
    by: 'The app shall gracefully handle the lines in `removed_lines`.',
    rule: 'wording.untestable',
  },
  {
    name: 'a coverage to be determined',
    file: kiosk,
    replace: '- Line coverage of the new files is at least 85 %.',
    by: '- Line coverage of the new files: TBD.',
    rule: 'wording.todo',
  },
  {
    name: 'a cost that nobody filled in',
    file: warehouse,
    replace: '- Cost: the existing 52 handhelds stay in use.',
    by: '- Cost: TODO ask the controller.',
    rule: 'wording.todo',
  },
  {
    name: 'three question marks for a number',
    file: archive,
    replace: 'Cost: 14,000 EUR for the first year.',
    by: 'Cost: ??? EUR for the first year.',
    rule: 'wording.todo',
  },
]
