import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { guides } from '../../src/mcp/guides/index.ts'
import { hintsOf } from '../../src/mcp/hints.ts'
import { listedInput, listedOutput } from '../../src/mcp/listed-schema.ts'
import { chooseTools } from '../../src/mcp/server.ts'
import { operations } from '../../src/operations/index.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { connect, temporaryFolder } from './connect.ts'

type Json = { [key: string]: Json } | Json[] | string | number | boolean | null

function inputOf(tool: Operation): Record<string, Json> {
  return listedInput(tool.input) as Record<string, Json>
}

function outputOf(tool: Operation): Record<string, Json> {
  return listedOutput(tool.output) as Record<string, Json>
}

/** What a model may see of a tool, in tokens. */
function cost(tool: Operation): number {
  const shown = { name: tool.name, title: tool.title, description: tool.description, inputSchema: inputOf(tool) }
  return Buffer.byteLength(JSON.stringify(shown)) / 4
}

function keysOf(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, entry]) => [key, ...keysOf(entry)])
}

test('each tool file is in the registry, and nothing else is', () => {
  const files = readdirSync(new URL('../../src/operations', import.meta.url), { recursive: true, withFileTypes: true })
    .filter(
      (file) => file.isFile() && /defineOperation\(\{/.test(readFileSync(join(file.parentPath, file.name), 'utf8')),
    )
    .map(({ name }) => name)
  expect(operations.map((tool) => `${tool.name.replaceAll('_', '-')}.ts`).sort()).toEqual(files.sort())
})

test('what a server lists is what the definitions say, though it builds none of it', async () => {
  const agent = await connect({ db: join(await temporaryFolder(), 'speki.db') })
  const { tools } = await agent.client.listTools()
  expect(tools.map(({ name, inputSchema, outputSchema }) => ({ name, inputSchema, outputSchema }))).toEqual(
    operations.map((tool) => ({
      name: tool.name,
      inputSchema: inputOf(tool),
      outputSchema: { ...outputOf(tool), $schema: undefined },
    })),
  )
})

test('names are unique', () => {
  expect(new Set(operations.map((tool) => tool.name)).size).toBe(operations.length)
})

describe.each(operations.map((tool) => [tool.name, tool] as const))('%s', (name, tool) => {
  test('has a name that no client changes', () => {
    expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)+$/)
    expect(name.length).toBeLessThanOrEqual(32)
  })

  test('is described within the budget', () => {
    expect(tool.description.length).toBeLessThanOrEqual(300)
    expect(tool.description).toMatch(/^[A-Z].*\.$/s)
    expect(tool.title.length).toBeGreaterThan(2)
  })

  test('has all four hints, and none that Codex would stop', () => {
    const hints = hintsOf(tool.effect)
    expect(Object.keys(hints).sort()).toEqual(['destructiveHint', 'idempotentHint', 'openWorldHint', 'readOnlyHint'])
    if (tool.effect === 'read')
      expect(hints).toMatchObject({ readOnlyHint: true, destructiveHint: false, openWorldHint: false })
    if (tool.effect === 'write')
      expect(hints).toMatchObject({ readOnlyHint: false, destructiveHint: false, openWorldHint: false })
  })

  test('takes a flat object without unions', () => {
    const schema = inputOf(tool)
    expect(schema['type']).toBe('object')
    expect(keysOf(schema).filter((key) => ['anyOf', 'oneOf', 'allOf', '$ref', 'not'].includes(key))).toEqual([])
  })

  test('offers an idempotency key exactly where it writes', () => {
    expect(Object.keys(tool.input.shape).includes('idempotency_key')).toBe(tool.effect !== 'read')
  })

  test('answers by a schema of objects that names the next call', () => {
    const schema = outputOf(tool)
    expect(schema['type']).toBe('object')
    const inner = Object.keys(tool.output.shape)
    expect(inner).toContain('next')
    expect(keysOf(schema).filter((key) => ['anyOf', 'oneOf', 'allOf', '$ref'].includes(key))).toEqual([])
  })

  test('is what it was', async () => {
    const definition = {
      name,
      title: tool.title,
      description: tool.description,
      toolset: tool.toolset,
      hints: hintsOf(tool.effect),
      alwaysLoad: tool.alwaysLoad ?? false,
      inputSchema: inputOf(tool),
      outputSchema: outputOf(tool),
    }
    await expect(`${JSON.stringify(definition, undefined, 2)}\n`).toMatchFileSnapshot(`./__snapshots__/${name}.json`)
  })
})

test('everything costs at most 5,800 tokens, the work loop at most 1,500', () => {
  const all = operations.reduce((sum, tool) => sum + cost(tool), 0)
  const loop = operations.filter((tool) => tool.alwaysLoad).reduce((sum, tool) => sum + cost(tool), 0)
  expect(all).toBeLessThanOrEqual(5800)
  expect(loop).toBeLessThanOrEqual(1500)
})

test('the work loop is loaded at once', () => {
  expect(
    operations
      .filter((tool) => tool.alwaysLoad)
      .map((tool) => tool.name)
      .sort(),
  ).toEqual(['speki_status', 'task_claim', 'task_complete', 'task_get', 'task_update', 'task_validate'])
})

test('no tool approves, overrides, or sets roles, policies or check commands', () => {
  const names = operations.map((tool) => tool.name).join(' ')
  expect(names).not.toMatch(/approve|override|role|token|polic|secret/)
  const register = operations.find((tool) => tool.name === 'repository_register')
  expect(Object.keys(register?.input.shape ?? {})).not.toContain('commands')
})

test('toolsets and read-only choose, and an unknown toolset is told', () => {
  expect(chooseTools({ toolsets: ['plan'] }).map((tool) => tool.name)).toEqual(['plan_draft', 'plan_submit'])
  expect(chooseTools({ readOnly: true }).every((tool) => tool.effect === 'read')).toBe(true)
  expect(() => chooseTools({ toolsets: ['plan', 'magic'] })).toThrow(/Unknown toolset "magic"/)
})

test('every tool that a guide names exists', () => {
  const known = new Set(operations.map((tool) => tool.name))
  const nouns = new Set(operations.map((tool) => tool.name.split('_')[0]))
  for (const guide of guides) {
    const named = guide.text.match(/\b[a-z]+_[a-z]+\b/g) ?? []
    const missing = named.filter((word) => nouns.has(word.split('_')[0]) && !known.has(word) && word !== 'task_id')
    expect(missing, guide.topic).toEqual([])
  }
})
