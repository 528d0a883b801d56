import { type RuleExamples, requirement, requirements, section } from './example.ts'

const twoSections = (title: string, line: string, requirementLine: string) =>
  `# Title\n\n## ${title}\n\n- ${line}\n\n## Requirements\n\n- FR-1: ${requirementLine}\n`

export const coherenceExamples: readonly RuleExamples[] = [
  {
    rule: 'conflict.quantity',
    finds: [
      twoSections(
        'Constraints',
        'Audit records are kept for 5 years.',
        'The service shall keep audit records for 7 years.',
      ),
      requirements(
        '- FR-1: The gate locks the account after 3 failed attempts.',
        '- FR-2: The gate locks the account after five failed attempts.',
      ),
      requirements(
        '- FR-1: The upload of a photo holds at most 10 MB.',
        '- FR-2: The upload of a photo holds at most 25 MB.',
      ),
      requirements(
        '- FR-1: The till shall refuse more than 3 cards in an order.',
        '- FR-2: The till shall accept at most 5 cards in an order.',
      ),
    ],
    passes: [
      twoSections(
        'Constraints',
        'Audit records are kept for 84 months in two regions.',
        'The service shall keep audit records for 7 years.',
      ),
      requirements(
        '- FR-1: A search answers within 300 ms.',
        '- FR-2: A search over archived orders of the last ten years answers within 2 s.',
      ),
      requirements('- FR-1: The list shows at least 5 rows.', '- FR-2: The list shows at most 50 rows.'),
      requirements(
        '- FR-1: A call of a tier 1 customer is answered within 10 minutes.',
        '- FR-2: A call of a tier 2 customer is answered within 60 minutes.',
      ),
      requirements(
        '- FR-1: The till shall refuse more than 3 cards in an order.',
        '- FR-2: The till shall accept at least 1 card in an order.',
      ),
    ],
  },
  {
    rule: 'conflict.scope',
    finds: [
      twoSections('Non-goals', 'Export to PDF', 'The page shall export invoices to PDF.'),
      twoSections('Out of scope', 'Bulk deletion of orders', 'The clerk can start the bulk deletion of orders.'),
      twoSections(
        'Non-goals',
        'We do not send push notifications.',
        'The app shall send a push notification when the order is ready.',
      ),
    ],
    passes: [
      twoSections('Non-goals', 'Export to PDF', 'The page shall export invoices to CSV.'),
      twoSections('Non-goals', 'Editing orders after shipment', 'The clerk can edit an order before shipment.'),
      twoSections('Non-goals', 'Refunds', 'The clerk can see which refunds were paid.'),
    ],
  },
  {
    rule: 'conflict.outcome',
    finds: [
      requirements(
        '- FR-1: When a guest opens an order, the page shall show the address.',
        '- FR-2: When a guest opens an order, the page shall hide the address.',
      ),
      requirements(
        '- FR-1: If the card is expired, the till accepts the payment.',
        '- FR-2: If the card is expired, the till rejects the payment.',
      ),
      requirements(
        '- FR-1: The gateway shall store card numbers.',
        '- FR-2: The gateway shall not store card numbers.',
      ),
    ],
    passes: [
      requirements(
        '- FR-1: When a guest opens an order, the page shall hide the address.',
        '- FR-2: When a clerk opens an order, the page shall show the address.',
      ),
      requirements(
        '- FR-1: If the card is expired, the till rejects the payment.',
        '- FR-2: If the card is valid, the till accepts the payment.',
      ),
      requirement(
        'The page shall list orders.',
        'Given an order, when it is opened, then the address is shown',
        'Given an order, when it is closed, then the address is hidden',
      ),
      requirement(
        'The page shall answer with the order.',
        'Given an order, when it is asked for, then the answer is 200',
        'Given no order, when it is asked for, then the answer is 404',
      ),
      requirement(
        'The service shall store the address.',
        'Given a URL that starts with `https://`, when it is posted, then the answer is 201',
        'Given a URL that starts with `http://`, when it is posted, then the answer is 422',
      ),
    ],
  },
  {
    rule: 'duplicate.requirement',
    finds: [
      requirements(
        '- FR-1: The page shall list open orders by date.',
        '- FR-2: The page shall list open orders by date.',
      ),
      requirements(
        '- FR-1: A user can download the invoice of an order.',
        '- FR-2: The user shall be able to download the invoice of an order.',
      ),
      requirements('- Export all paid invoices as CSV', '- Print labels', '- Export all paid invoices as CSV'),
    ],
    passes: [
      requirements(
        '- FR-1: The page shall list open orders by date.',
        '- FR-2: The page shall list closed orders by date.',
      ),
      requirements('- FR-1: A list shows 20 open orders.', '- FR-2: A list shows 50 open orders.'),
      requirements('- Export paid invoices as CSV', '- Export paid invoices as PDF'),
    ],
  },
  {
    rule: 'duplicate.compared',
    finds: [401, 1200, 3000].map((count) => requirements(...numbered(count))),
    passes: [1, 399, 400].map((count) => requirements(...numbered(count))),
  },
  {
    rule: 'duplicate.label',
    finds: [
      requirements('- FR-1: The page lists orders.', '- FR-1: The page prints labels.'),
      requirements('- FR-1: The page lists orders.', '- FR-2: The page closes.', '- FR-1: The page prints labels.'),
      requirements('- NFR-1: A search takes 2 s.', '- nfr-1: A login takes 1 s.').replace('nfr-1', 'NFR-1'),
    ],
    passes: [
      requirements('- FR-1: The page lists orders.', '- FR-2: The page prints labels.'),
      requirements('- FR-1: The page lists orders.', '- FR-10: The page prints labels.'),
      requirements('- FR-1: The page lists orders.', '- NFR-1: The page opens within 2 s.'),
    ],
  },
]

export const referenceExamples: readonly RuleExamples[] = [
  {
    rule: 'reference.label',
    finds: [
      requirements('- FR-1: The page lists orders.', '- FR-2: As FR-9, but printed on paper.'),
      requirement('The page lists orders as FR-002 says.', 'Given 2 orders, when it opens, then 2 rows'),
      requirements('- NFR-1: The page opens within 2 s.', '- NFR-2: The rest of NFR-12 holds for phones.'),
    ],
    passes: [
      requirements('- FR-1: The page lists orders.', '- FR-2: As FR-1, but printed on paper.'),
      requirements('- FR-001: The page lists orders.', '- FR-002: As FR-1, but printed on paper.'),
      requirements('- FR-1: The page follows RFC-7807 and UTF-8.'),
    ],
  },
  {
    rule: 'reference.section',
    finds: [
      section('Notes', 'See [the limits](#limits).'),
      section('Notes', 'See section "Payments".'),
      '# Title\n\n## 1. Notes\n\nMore in section 4.2.\n\n## 2. Rest\n\nText.\n',
    ],
    passes: [
      '# Title\n\n## Notes\n\nSee [the limits](#limits).\n\n## Limits\n\nTen.\n',
      '# Title\n\n## Notes\n\nSee section "Payments".\n\n## Payments\n\nTen.\n',
      section('Notes', 'See [the page](https://shop.test/a#limits).'),
    ],
  },
  {
    rule: 'reference.link',
    finds: [
      section('Notes', 'See [the design]().'),
      section('Notes', 'See [the design](TODO).'),
      section('Notes', 'See [the design][sketch].'),
    ],
    passes: [
      section('Notes', 'See [the design](designs/a.md).'),
      section('Notes', 'See [the design][sketch].\n\n[sketch]: designs/a.md'),
      section('Notes', 'An array is written `a[0][1]`.'),
    ],
  },
  {
    rule: 'reference.term',
    finds: [
      requirements('- FR-1: The page shows the QXL of an order.'),
      section('Goals', '- The ZPR falls to 3 %'),
      requirements('- FR-1: Two PLMs are listed.'),
    ],
    passes: [
      requirements('- FR-1: The page shows the quick lane (QXL) of an order.'),
      `${requirements('- FR-1: The page shows the QXL of an order.')}\n## Glossary\n\n- QXL: quick lane\n`,
      requirements('- FR-1: The API answers JSON over HTTPS.'),
    ],
  },
]

function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `- FR-${at + 1}: The page shall list the orders of shop ${at + 1}.`)
}
