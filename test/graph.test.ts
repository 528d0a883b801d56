import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  chainTo,
  components,
  dependenciesFirst,
  findCycles,
  longestChains,
  pathBetween,
  reachable,
} from '../src/graph.ts'

const SIZE = 9

/** Any graph of a few nodes: circles, self-edges and repeated edges included. */
const graphs = fc
  .array(fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1)), { maxLength: 24 })
  .map((edges) => Array.from({ length: SIZE }, (_, node) => edges.flatMap(([from, to]) => (from === node ? [to] : []))))

const nodes = Array.from({ length: SIZE }, (_, node) => node)
const nextIn = (graph: readonly (readonly number[])[]) => (node: number) => graph[node] ?? []

/** Which node reaches which, by Warshall: slow and plain. */
function closure(graph: readonly (readonly number[])[]): boolean[][] {
  const reach = nodes.map((from) => nodes.map((to) => from === to || (graph[from]?.includes(to) ?? false)))
  for (const middle of nodes)
    for (const from of nodes)
      for (const to of nodes)
        if (reach[from]?.[middle] === true && reach[middle]?.[to] === true) (reach[from] ?? [])[to] = true
  return reach
}

function property(check: (graph: number[][], reach: boolean[][]) => void): void {
  fc.assert(fc.property(graphs, (graph) => check(graph, closure(graph))))
}

describe('any graph', () => {
  test('reachable finds what there is a way to, and nothing else', () => {
    property((graph, reach) => {
      for (const from of nodes)
        expect([...reachable([from], nextIn(graph))].sort()).toEqual(nodes.filter((to) => reach[from]?.[to]))
    })
  })

  test('a path follows edges, visits nothing twice, and is there exactly where the end can be reached', () => {
    property((graph, reach) => {
      for (const from of nodes)
        for (const to of nodes) {
          const path = pathBetween(from, to, nextIn(graph))
          expect(path !== undefined).toBe(reach[from]?.[to])
          if (path === undefined) continue
          expect([path[0], path.at(-1)]).toEqual([from, to])
          expect(new Set(path).size).toBe(path.length)
          for (const [index, node] of path.slice(1).entries()) expect(graph[path[index] ?? -1]).toContain(node)
        }
    })
  })

  test('components are the nodes that reach each other, providers before users', () => {
    property((graph, reach) => {
      const units = components(nodes, nextIn(graph))
      expect(units.flat().sort()).toEqual(nodes)
      for (const [place, unit] of units.entries())
        for (const node of unit) {
          const mutual = nodes.filter((other) => reach[node]?.[other] && reach[other]?.[node])
          expect([...unit].sort()).toEqual(mutual)
          for (const to of graph[node] ?? []) expect(units.slice(0, place + 1).flat()).toContain(to)
        }
    })
  })

  test('each reported cycle is one, and one is reported where there is any', () => {
    property((graph, reach) => {
      const cycles = findCycles(nodes, nextIn(graph), 100)
      const some = nodes.some((a) => nodes.some((b) => a !== b && reach[a]?.[b] && reach[b]?.[a]))
      expect(cycles.length > 0).toBe(some)
      for (const cycle of cycles) {
        expect(Math.min(...cycle)).toBe(cycle[0])
        for (const [index, node] of cycle.entries()) expect(graph[node]).toContain(cycle[(index + 1) % cycle.length])
      }
    })
  })

  test('without circles, dependencies come first and the heaviest chain is as heavy as it says', () => {
    property((graph) => {
      const forward = graph.map((edges, node) => edges.filter((to) => to < node))
      const order = dependenciesFirst(nodes, nextIn(forward))
      for (const [place, node] of order.entries())
        for (const to of forward[node] ?? []) expect(order.indexOf(to)).toBeLessThan(place)
      const weight = (node: number) => node + 1
      const distances = longestChains(nodes, nextIn(forward), weight)
      const heaviest = (node: number): number =>
        weight(node) + Math.max(0, ...(forward[node] ?? []).map((to) => heaviest(to)))
      for (const node of nodes) {
        expect(distances.get(node)?.weight).toBe(heaviest(node))
        const chain = chainTo(node, distances)
        expect(chain.reduce((sum, at) => sum + weight(at), 0)).toBe(heaviest(node))
        expect(chain.at(-1)).toBe(node)
      }
    })
  })
})

test('at most as many cycles as asked for', () => {
  const ring = nextIn([[1], [0], [3], [2], [5], [4]])
  expect(findCycles([0, 1, 2, 3, 4, 5], ring, 2)).toEqual([
    [0, 1],
    [2, 3],
  ])
})

test('a chain of a hundred thousand nodes is walked without a stack of calls', () => {
  const length = 100_000
  const next = (node: number) => (node + 1 < length ? [node + 1] : [])
  expect(dependenciesFirst([0], next)[0]).toBe(length - 1)
  expect(components([0], next)).toHaveLength(length)
  expect(pathBetween(0, length - 1, next)).toHaveLength(length)
  expect(longestChains([0], next, () => 1).get(0)?.weight).toBe(length)
})
