import { makeRepository } from '../mcp/workspace.ts'
import type { Order } from './next-follower.ts'

const BODY = `# Place an order

## Requirements

### FR-001: Price an order [repo: pricing]

The system shall price an order as quantity times price of a piece in cents.

Acceptance criteria:
- Given 3 pieces of 250 cents, when the order is priced, then the price is 750 cents.

### FR-002: Put pieces into the cart [repo: cart]

The cart shall add up the pieces of one article.

Acceptance criteria:
- Given 1 piece in the cart, when 2 are added, then the cart holds 3 pieces.

### FR-003: Show the cart [repo: ui]

The page shall show how many pieces are in the cart.

Acceptance criteria:
- Given 3 pieces in the cart, when the page is shown, then it reads "3 pieces".

### FR-004: Print the receipt [repo: till]

The system shall print the price of an order on the receipt.

Acceptance criteria:
- Given a price of 750 cents, when the receipt is printed, then it reads "750 cents".
`

const heading = "import assert from 'node:assert/strict'\nimport { test } from 'node:test'\n"
const manifest = (name: string, dependencies: Readonly<Record<string, string>> = {}) =>
  `${JSON.stringify({ name, version: '1.0.0', type: 'module', scripts: { test: 'node --test' }, dependencies }, undefined, 2)}\n`
const green = `${heading}\ntest('arithmetic holds', () => assert.equal(1 + 1, 2))\n`
const files = (name: string, dependencies?: Readonly<Record<string, string>>) => ({
  'package.json': manifest(name, dependencies),
  'test/holds.test.js': green,
})

/** Code and its test, as one task writes them. */
function work(name: string, code: string, expectation: string) {
  const test = `${heading}import { ${name} } from '../${name}.js'\n\ntest('${name}', () => ${expectation})\n`
  return [
    { file: `${name}.js`, content: `${code}\n` },
    { file: `test/${name}.test.js`, content: test },
  ]
}

/** Three repositories below `folder`, one of them a monorepo of two packages, and one PRD over all four. */
export function makeShop(folder: string): Order {
  const inside = (path: string, all: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(all).map(([file, content]) => [`${path}/${file}`, content]))
  const paths = [
    makeRepository(folder, 'pricing', { files: files('pricing') }),
    makeRepository(folder, 'web', {
      files: {
        'package.json': `${JSON.stringify({ name: 'web', private: true, workspaces: ['packages/*'] })}\n`,
        ...inside('packages/cart', files('cart', { pricing: '1.0.0' })),
        ...inside('packages/ui', files('ui', { cart: '1.0.0' })),
      },
    }),
    makeRepository(folder, 'till', { files: files('till', { pricing: '1.0.0' }) }),
  ]
  return {
    paths,
    repositories: ['pricing', 'cart', 'ui', 'till'],
    title: 'Place an order',
    body: BODY,
    work: {
      pricing: work(
        'price',
        'export const price = (pieces, cents) => pieces * cents',
        'assert.equal(price(3, 250), 750)',
      ),
      cart: work('add', 'export const add = (held, more) => held + more', 'assert.equal(add(1, 2), 3)'),
      ui: work('show', "export const show = (pieces) => pieces + ' pieces'", "assert.equal(show(3), '3 pieces')"),
      till: work(
        'receipt',
        "export const receipt = (cents) => cents + ' cents'",
        "assert.equal(receipt(750), '750 cents')",
      ),
    },
  }
}
