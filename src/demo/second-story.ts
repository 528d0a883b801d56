import type { Edit, Repository } from './story.ts'

/** The second PRD of the demo: three repositories, each using the one before, worked on by agents that play a script. */

export const SECOND_TITLE = 'Discounts on the receipt'

export const SECOND_BODY = `# ${SECOND_TITLE}

## Problem

Customers ask 20 times a day what a code took off.

## Goals

- Questions about codes fall from 20 to 2 a day.

## Requirements

### FR-005: Name of a discount [repo: pricing]

The system shall name a discount as its code and percentage.

Acceptance criteria:
- Given the code SPRING, when it is named, then the name is "SPRING -10 %".

### FR-006: Discount line [repo: till]

The system shall make a line of the name of the discount and the cents it took off.

Acceptance criteria:
- Given items of 1000 cents and the code SPRING, when the line is made, then it is "SPRING -10 %: -100".

### FR-007: Printed discount [repo: receipt]

The system shall print the discount line under the items.

Acceptance criteria:
- Given items of 1000 cents and the code SPRING, when the receipt is printed, then its last line is "SPRING -10 %: -100".
`

const SCRIPTS = { test: 'node --test' }

export const RECEIPT: Repository = {
  name: 'receipt',
  files: {
    'package.json': `${JSON.stringify({ name: 'receipt', version: '1.0.0', type: 'module', scripts: SCRIPTS, dependencies: { till: 'file:../till' } }, undefined, 2)}\n`,
    '.gitignore': 'node_modules\n',
    'index.js': `import { currency } from 'till'\n\nexport const head = () => \`all prices in \${currency}\`\n`,
    'test/head.test.js': `import assert from 'node:assert/strict'\nimport { test } from 'node:test'\nimport { head } from '../index.js'\n\ntest('the head names the currency', () => assert.equal(head(), 'all prices in EUR'))\n`,
  },
}

const TEST_HEAD = `import assert from 'node:assert/strict'\nimport { test } from 'node:test'\n`

export const SECOND_EDITS: Readonly<Record<string, Edit>> = {
  'FR-005': {
    module: `
export function nameOf(code) {
  return \`\${code} -\${percentOf(code)} %\`
}
`,
    tests: `${TEST_HEAD}import { nameOf } from '../index.js'

test('SPRING is named with its percentage', () => assert.equal(nameOf('SPRING'), 'SPRING -10 %'))
`,
  },
  'FR-006': {
    wrong: `
import { nameOf } from 'pricing'

export function discountLine(items, code) {
  return \`\${nameOf(code)}: -\${total(items, code)}\`
}
`,
    module: `
import { nameOf } from 'pricing'

export function discountLine(items, code) {
  return \`\${nameOf(code)}: -\${total(items) - total(items, code)}\`
}
`,
    tests: `${TEST_HEAD}import { discountLine } from '../index.js'

test('SPRING takes 100 off 1000', () => assert.equal(discountLine([1000], 'SPRING'), 'SPRING -10 %: -100'))
`,
  },
  'FR-007': {
    module: `
import { discountLine } from 'till'

export function print(items, code) {
  return [head(), ...items, discountLine(items, code)].join('\\n')
}
`,
    tests: `${TEST_HEAD}import { print } from '../index.js'

test('the discount is the last line', () => assert.equal(print([1000], 'SPRING').split('\\n').at(-1), 'SPRING -10 %: -100'))
`,
  },
}
