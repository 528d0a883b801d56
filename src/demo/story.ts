/** The PRD of the demo, and the edits that stand in for an agent's work. Everything else in the demo is real. */

export const TITLE = 'Discount codes at the till'

export const BODY = `# ${TITLE}

## Problem

Till staff work out discounts by hand: 3 of 100 receipts are wrong.

## Goals

- Wrong receipts fall from 3 % to 0 %.

## Non-goals

- Loyalty points.

## Requirements

### FR-001: Discount [repo: pricing]

The system shall reduce a price in cents by a percentage from 0 to 100, rounded to the nearest cent.

Acceptance criteria:
- Given a price of 1999 cents, when 10 percent is taken off, then the price is 1799 cents.
- Given a percentage of 101, when it is taken off, then a RangeError is thrown.

### FR-002: Codes [repo: pricing]

The system shall know the code SPRING as 10 percent and the code STAFF as 30 percent.

Acceptance criteria:
- Given the code SPRING, when it is looked up, then the answer is 10.
- Given an unknown code, when it is looked up, then the answer is undefined.

### FR-003: Total at the till [repo: till]

The system shall add up the items of a basket and apply the code of the customer.

Acceptance criteria:
- Given items of 1000 and 999 cents and the code SPRING, when the total is taken, then it is 1799 cents.

### FR-004: Unknown code at the till [repo: till]

The system shall refuse an unknown code and name it.

Acceptance criteria:
- Given the code NOPE, when the total is taken, then an error names NOPE.
`

export interface Repository {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
}

const TEST_SCRIPT = { test: 'node --test' }

export const REPOSITORIES: readonly Repository[] = [
  {
    name: 'pricing',
    files: {
      'package.json': `${JSON.stringify({ name: 'pricing', version: '1.0.0', type: 'module', exports: './index.js', scripts: TEST_SCRIPT }, undefined, 2)}\n`,
      'index.js': `export const currency = 'EUR'\n`,
      'test/currency.test.js': `import assert from 'node:assert/strict'\nimport { test } from 'node:test'\nimport { currency } from '../index.js'\n\ntest('prices are in euro', () => assert.equal(currency, 'EUR'))\n`,
    },
  },
  {
    name: 'till',
    files: {
      'package.json': `${JSON.stringify({ name: 'till', version: '1.0.0', type: 'module', scripts: TEST_SCRIPT, dependencies: { pricing: 'file:../pricing' } }, undefined, 2)}\n`,
      '.gitignore': 'node_modules\n',
      'index.js': `export { currency } from 'pricing'\n`,
      'test/currency.test.js': `import assert from 'node:assert/strict'\nimport { test } from 'node:test'\nimport { currency } from '../index.js'\n\ntest('the till speaks the currency of pricing', () => assert.equal(currency, 'EUR'))\n`,
    },
  },
]

/** What a scripted worker writes for a requirement: appended to the module, and a test. */
export interface Edit {
  readonly module: string
  readonly tests: string
  /** A first try that is wrong, so that one sees the gate refuse it. */
  readonly wrong?: string
}

const TEST_HEAD = `import assert from 'node:assert/strict'\nimport { test } from 'node:test'\n`

export const EDITS: Readonly<Record<string, Edit>> = {
  'FR-001': {
    module: `
export function discounted(cents, percent) {
  if (!(percent >= 0 && percent <= 100)) throw new RangeError(\`\${percent} is no percentage from 0 to 100\`)
  return Math.round((cents * (100 - percent)) / 100)
}
`,
    tests: `${TEST_HEAD}import { discounted } from '../index.js'

test('10 percent off 1999 cents is 1799', () => assert.equal(discounted(1999, 10), 1799))
test('101 percent is a RangeError', () => assert.throws(() => discounted(100, 101), RangeError))
`,
  },
  'FR-002': {
    module: `
const codes = new Map([['SPRING', 10], ['STAFF', 30]])

export function percentOf(code) {
  return codes.get(code)
}
`,
    tests: `${TEST_HEAD}import { percentOf } from '../index.js'

test('SPRING is 10 percent', () => assert.equal(percentOf('SPRING'), 10))
test('an unknown code has no percentage', () => assert.equal(percentOf('NOPE'), undefined))
`,
  },
  'FR-003': {
    wrong: `
import { discounted, percentOf } from 'pricing'

export function total(items, code) {
  return items.map((cents) => discounted(cents, percentOf(code))).reduce((sum, cents) => sum - cents, 0)
}
`,
    module: `
import { discounted, percentOf } from 'pricing'

export function total(items, code) {
  const sum = items.reduce((cents, item) => cents + item, 0)
  return code === undefined ? sum : discounted(sum, percentOf(code) ?? 0)
}
`,
    tests: `${TEST_HEAD}import { total } from '../index.js'

test('SPRING takes 10 percent off 1000 + 999 cents', () => assert.equal(total([1000, 999], 'SPRING'), 1799))
`,
  },
  'FR-004': {
    module: `
import { percentOf as known } from 'pricing'

export function checkedTotal(items, code) {
  if (code !== undefined && known(code) === undefined) throw new Error(\`unknown code \${code}\`)
  return total(items, code)
}
`,
    tests: `${TEST_HEAD}import { checkedTotal } from '../index.js'

test('an unknown code is refused by name', () => assert.throws(() => checkedTotal([100], 'NOPE'), /NOPE/))
`,
  },
}
