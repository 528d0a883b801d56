import type { PlantedDefect } from './defect.ts'

const tram = 'prd-tram-disruption-board.md'
const clinic = 'prd-clinic-recall.md'
const coop = 'prd-coop-assembly-vote.md'
const warehouse = 'prd-warehouse-fast-lane.md'
const kiosk = 'tech-kiosk-refund.md'
const handheld = 'tech-handheld-offline-walk.md'
const ledger = 'tech-vote-ledger-standby.md'
const mail = 'bug-duplicate-membership-mail.md'
const frozen = 'bug-screen-frozen-after-dst.md'

/** The reference and planning families. */
export const referenceDefects: readonly PlantedDefect[] = [
  {
    name: 'done by a requirement that does not exist',
    file: tram,
    replace: '- The criteria of FR-001 to FR-007 pass',
    by: '- The criteria of FR-001 to FR-019 pass',
    rule: 'reference.label',
  },
  {
    name: 'an attempt as in OW-14',
    file: handheld,
    replace: 'next attempt as in OW-4 |',
    by: 'next attempt as in OW-14 |',
    rule: 'reference.label',
  },
  {
    name: 'a test that proves MM-8',
    file: mail,
    replace: '| MM-2 and MM-3 with a relay',
    by: '| MM-2 and MM-8 with a relay',
    rule: 'reference.label',
  },
  {
    name: 'a section that has another name',
    file: tram,
    replace: 'see section "Failure modes" for',
    by: 'see section "Fault handling" for',
    rule: 'reference.section',
  },
  {
    name: 'an anchor of a feature that is not there',
    file: coop,
    replace: '(#f4-compute-the-result)',
    by: '(#f9-count-the-votes)',
    rule: 'reference.section',
  },
  {
    name: 'an anchor with its words in the wrong order',
    file: ledger,
    replace: '(#chosen-approach)',
    by: '(#approach-chosen)',
    rule: 'reference.section',
  },
  {
    name: 'a link that leads nowhere',
    file: 'bug-invoice-rounding.md',
    replace: '(https://handbook.kassenwerk.net/totals)',
    by: '()',
    rule: 'reference.link',
  },
  {
    name: 'a link reference without a definition',
    file: frozen,
    replace: '[operations manual](https://wiki.nordtram.net/ops/restart-all)',
    by: '[operations manual][restart-all]',
    rule: 'reference.link',
  },
  {
    name: 'a placeholder address',
    file: mail,
    replace: '(https://files.pulsgym.net/incidents/0609)',
    by: '(https://example.com/incidents)',
    rule: 'reference.link',
  },
  {
    name: 'an acronym of the budget office',
    file: tram,
    replace: '- Cost: at most 400 EUR a month for hosting.',
    by: '- Cost: at most 400 EUR a month, paid from the KVRB.',
    rule: 'reference.term',
  },
  {
    name: 'an acronym of the device team',
    file: handheld,
    replace: 'Requests carry a token that expires after 12 hours.',
    by: 'Requests carry a QXT that expires after 12 hours.',
    rule: 'reference.term',
  },
  {
    name: 'a question in place of "None"',
    file: kiosk,
    replace: '## Open questions\n\nNone.',
    by: '## Open questions\n\n- Who pays the voucher of a group ticket?',
    rule: 'question.open',
  },
  {
    name: 'a decided question that is open again',
    file: handheld,
    replace:
      'No question is open. The question whether a wave may go offline too was decided on 14 March: it may, with the same code.',
    by: '- May a wave go offline too?',
    rule: 'question.open',
  },
  {
    name: 'a variable of the template',
    file: kiosk,
    replace: 'A kiosk sends at most 20 requests a minute;',
    by: 'A kiosk sends at most {{rate_limit}} requests a minute;',
    rule: 'template.left',
  },
  {
    name: 'a placeholder in angle brackets',
    file: warehouse,
    replace: "3. The shift lead's handbook contains a page on cancelling.",
    by: '3. <name of document> contains a page on cancelling.',
    rule: 'template.left',
  },
  {
    name: 'lorem ipsum',
    file: clinic,
    replace: 'Receptionists keep the due dates in a spreadsheet that two people edit at once.',
    by: 'Lorem ipsum dolor sit amet, consectetur adipiscing elit.',
    rule: 'template.left',
  },
  {
    name: 'an untouched comment of the template',
    file: mail,
    replace: '## Expected\n',
    by: '## Expected\n\n<!-- What should happen. -->\n',
    rule: 'template.left',
  },
  {
    name: 'no repository named',
    file: 'prd-short-allergen-labels.md',
    replace: 'repositories:\n  - pastry-till\n',
    by: '',
    rule: 'repository.none',
  },
  {
    name: 'no repository of the roll call',
    file: 'prd-short-choir-rollcall.md',
    replace: 'repositories: [choir-roster]\n',
    by: '',
    rule: 'repository.none',
  },
  {
    name: 'a misspelt repository',
    file: 'bug-invoice-rounding.md',
    replace: 'repositories: [billing-engine]',
    by: 'repositories: [biling-engin]',
    rule: 'repository.unknown',
  },
]
