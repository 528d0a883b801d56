import { expect, test } from 'vitest'
import type { PackageFact } from '../../schemas/repository.ts'
import { concernedBy, knownEdges } from '../../src/execution/order/known-edges.ts'
import type { RepositoryRecord } from '../../src/store/repositories.ts'

let count = 0

/** A package as it is registered: its name, what it uses, and where it lies. */
function registered(name: string, uses: readonly string[], ecosystem: string, root = '/mono'): RepositoryRecord {
  count += 1
  const fact: PackageFact = { name, ecosystem, path: '.', dependencies: [...uses] }
  return {
    ...{ id: count, name, root, commonDir: `${root}/.git`, firstCommit: undefined, subpath: `packages/${name}` },
    ...{ remoteUrl: undefined, defaultBranch: 'main', description: '', owners: [], commands: [], revision: 1 },
    ...{ createdAt: 0, updatedAt: 0, facts: { languages: [], packages: [fact], commands: [] } },
  }
}

test.each(['npm', 'go', 'cargo', 'maven', 'python', 'nuget'])(
  'a change of a package concerns what uses it in the same working copy, through others too: %s',
  (ecosystem) => {
    const cart = registered('cart', [], ecosystem)
    const ui = registered('ui', ['cart'], ecosystem)
    const page = registered('page', ['ui'], ecosystem)
    const docs = registered('docs', [], ecosystem)
    const site = registered('site', ['cart'], ecosystem, '/site')
    const all = [docs, page, ui, cart, site]
    const names = (changed: RepositoryRecord[]) => concernedBy(changed, all).map(({ name }) => name)
    expect(names([cart])).toEqual(['cart', 'page', 'ui'])
    expect(names([ui])).toEqual(['ui', 'page'])
    expect(names([docs])).toEqual(['docs'])
    expect(names([ui, docs])).toEqual(['ui', 'docs', 'page'])
    // Between working copies alone an order of delivery follows.
    expect(knownEdges(all).map(({ from, to }) => [from, to])).toEqual([['cart', 'site']])
  },
)

test('the whole repository and a package of it concern each other', () => {
  const whole = { ...registered('mono', [], 'npm'), subpath: '.' }
  const [cart, docs] = [registered('cart', [], 'npm'), registered('docs', [], 'npm')]
  const inner = { ...registered('inner', [], 'npm'), subpath: 'packages/cart/inner' }
  const all = [whole, cart, docs, inner]
  expect(concernedBy([cart], all).map(({ name }) => name)).toEqual(['cart', 'mono', 'inner'])
  expect(concernedBy([whole], all).map(({ name }) => name)).toEqual(['mono', 'cart', 'docs', 'inner'])
})
