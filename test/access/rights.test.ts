import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Principal, Scope } from '../../schemas/actor.ts'
import { createRuntime } from '../../src/app.ts'
import { COMMAND_ACTIONS, pathOf } from '../../src/commands/command-actions.ts'
import { programOf, runCommand } from '../../src/commands/run-command.ts'
import { readConfig } from '../../src/config.ts'
import { type Action, RULES } from '../../src/domain/access/actions.ts'
import { can } from '../../src/domain/access/can.ts'
import { agentPrincipal, personPrincipal, systemPrincipal } from '../../src/domain/access/principals.ts'
import { startHttpServer } from '../../src/http/server.ts'
import { guides } from '../../src/mcp/guides/index.ts'
import { createHttpHandler } from '../../src/mcp/http-handler.ts'
import { PROMPT_ACTION } from '../../src/mcp/prompts/index.ts'
import { resources } from '../../src/mcp/resources/definitions.ts'
import { chooseTools, serverFactory } from '../../src/mcp/server.ts'
import { operations } from '../../src/operations/index.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { wordAsCall, wordSentence } from '../../src/step.ts'
import { connectV1, TOKEN } from '../http/serve.ts'
import { connect, temporaryFolder } from '../mcp/connect.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const actions = Object.keys(RULES) as Action[]

const agent = agentPrincipal({ client: 'agent', session: 'here/1/a', onBehalfOf: 'ann' })
const readOnly = agentPrincipal({ client: 'agent', session: 'here/1/a', onBehalfOf: 'ann', readOnly: true })
const principals: Readonly<Record<string, Principal>> = {
  person: personPrincipal('ann', 'here/1/a'),
  agent,
  connector: { ...agent, kind: 'connector' },
  system: systemPrincipal('worker', 'here/1/a'),
}

/** Sources by path, without the table itself. */
const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'src'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path.endsWith('.ts') && path !== 'src/domain/access/actions.ts')
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

/** Commands without sub-commands, by the words that call them. */
function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)
}

const commands = leaves(programOf(() => {}))
const operationOf = (command: Command) =>
  operations.find(({ name }) => name === pathOf(command).replace(' ', '_') || name === `speki_${pathOf(command)}`)

describe('the page of rights', () => {
  const rows = readFileSync(join(ROOT, 'docs/rights.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| [a-z]+\.[a-z_]+ /.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))

  test('has every action, and nothing else', () => {
    expect(rows.map(([, action]) => action)).toEqual(actions)
  })

  test.each(actions)('says of %s what is decided', (action) => {
    const [, , needs, ...cells] = rows.find((row) => row[1] === action) ?? []
    for (const [index, [kind, principal]] of Object.entries(principals).entries()) {
      expect(can(principal, action).allowed, kind).toBe(cells[index] === 'yes')
      const scopes: readonly Scope[] = ['read']
      expect(can({ ...principal, scopes }, action).allowed, `${kind}, only to look`).toBe(
        cells[index] === 'yes' && needs === 'read',
      )
    }
  })

  test('names every operation, resource and command', () => {
    const asked = rows.map((row) => row.at(-2)).join(', ')
    for (const { name } of operations) expect(asked).toContain(`\`${name}\``)
    for (const { uri } of resources) expect(asked).toContain(`\`${uri}\``)
    for (const command of commands)
      if (operationOf(command) === undefined) expect(asked).toContain(`\`speki ${pathOf(command)}\``)
  })
})

test('a refusal says why and what to do instead', () => {
  for (const action of actions)
    for (const principal of [...Object.values(principals), readOnly]) {
      const decision = can(principal, action, { key: 'PRD-1', holder: 'x', finding: { id: 'f', rule: 'r' } })
      if (decision.allowed) continue
      const next = wordSentence(decision.next, wordAsCall)
      expect(`${decision.reason} ${next}`).not.toMatch(/undefined/)
      expect(decision.reason).toMatch(/^[^\s].{10,}\.$/)
      expect(next.length).toBeGreaterThan(10)
    }
})

test('every action is asked for by some door or service', () => {
  const asked = sources.map(({ text }) => text).join('\n')
  expect(actions.filter((action) => !asked.includes(`'${action}'`))).toEqual([])
})

test('nothing outside of access decides by the kind of who asks, and nothing but the service opens the database', () => {
  const outside = sources.filter(({ path }) => !path.startsWith('src/domain/access/'))
  const kinds = /\bkind (?:===|!==) '(?:person|agent|connector|system)'|case '(?:person|agent|connector|system)':/
  expect(outside.filter(({ text }) => kinds.test(text)).map(({ path }) => path)).toEqual([])
  const opens = outside.filter(
    ({ path, text }) => !/^src\/(store|events|jobs)\//.test(path) && /database\.(?:read|write)\(/.test(text),
  )
  expect(opens.map(({ path }) => path)).toEqual(['src/domain/service.ts'])
})

test('every command that is no operation names an action, and every name is of a command', () => {
  const own = commands.filter((command) => operationOf(command) === undefined).map(pathOf)
  expect(own.filter((path) => path !== 'help').sort()).toEqual(Object.keys(COMMAND_ACTIONS).sort())
  expect(operations.filter((operation) => !commands.some((command) => operationOf(command) === operation))).toEqual([])
})

/** A door of each kind, on an empty workspace. */
const doors: Readonly<Record<string, (args: readonly string[]) => Promise<Door>>> = {
  async stdio(args) {
    const folder = await temporaryFolder()
    const { client } = await connect({ db: join(folder, 'speki.db'), args })
    return client as Door
  },
  async http(args) {
    const folder = await temporaryFolder()
    const runtime = createRuntime(readConfig({ db: join(folder, 'speki.db'), project: folder }))
    const only = args.includes('--read-only')
    const handler = createHttpHandler(
      serverFactory({ runtime, tools: chooseTools({ readOnly: only }), readOnly: only }),
    )
    const { url, close } = await startHttpServer({ handler, host: '127.0.0.1', port: 0, token: TOKEN })
    onTestFinished(async () => {
      await close()
      await runtime.close()
    })
    return (await connectV1(url)).client as unknown as Door
  },
}

interface Door {
  listTools(): Promise<{ readonly tools: readonly { readonly name: string }[] }>
  callTool(call: { readonly name: string; readonly arguments: object }): Promise<{ readonly content?: unknown }>
  readResource(resource: { readonly uri: string }): Promise<{ readonly contents: readonly unknown[] }>
  getPrompt(prompt: { readonly name: string }): Promise<{ readonly messages: readonly unknown[] }>
}

describe.each(
  Object.keys(doors).flatMap((door) => [[door, [], agent] as const, [door, ['--read-only'], readOnly] as const]),
)('over %s %j', (door, args, caller) => {
  test('a caller finds what it may do, and is refused nothing of that', async () => {
    const client = await doors[door]?.(args)
    if (client === undefined) throw new Error(`no door ${door}`)
    const { tools } = await client.listTools()
    const allowed = operations.filter(({ action }) => can(caller, action).allowed)
    expect(tools.map(({ name }) => name).sort()).toEqual(allowed.map(({ name }) => name).sort())

    for (const { name } of tools)
      expect(JSON.stringify(await client.callTool({ name, arguments: {} })), name).not.toMatch(
        /only a person|is open to|may only/i,
      )
    for (const { uri, action, instances } of resources) {
      expect(can(caller, action).allowed, uri).toBe(true)
      if (instances === undefined) expect((await client.readResource({ uri })).contents).toHaveLength(1)
    }
    expect(can(caller, PROMPT_ACTION).allowed).toBe(true)
    for (const { topic } of guides) expect((await client.getPrompt({ name: topic })).messages).toHaveLength(1)
  })
})

test('whoever may only look is refused by each operation that writes, before its arguments are read', async () => {
  const call = { caller: readOnly } as unknown as Parameters<Operation['call']>[1]
  for (const operation of operations) {
    const told = await operation.call({ nothing: 'known' }, call).catch((error: unknown) => error)
    if (can(readOnly, operation.action).allowed) expect(told, operation.name).not.toMatchObject({ code: 'forbidden' })
    else expect(told, operation.name).toMatchObject({ code: 'forbidden' })
  }
})

describe('on the command line', () => {
  const forPeople = commands.filter((command) => {
    const action = COMMAND_ACTIONS[pathOf(command)]
    return action !== undefined && !can(agent, action).allowed
  })

  test('some commands are for people alone', () => {
    expect(forPeople.map(pathOf)).toEqual(expect.arrayContaining(['approve', 'task override', 'rule set', 'restore']))
  })

  test.each(forPeople.map((command) => [pathOf(command), command] as const))(
    '%s refuses an agent before it does anything',
    async (path, command) => {
      const db = join(await temporaryFolder(), 'speki.db')
      const given = command.registeredArguments.map(() => 'x')
      const needed = command.options.filter(({ mandatory }) => mandatory).flatMap(({ long }) => [long ?? '', 'x'])
      const argv = [...path.split(' '), ...given, ...needed, '--db', db, '--as', 'builder']
      await expect(runCommand(argv, () => {})).rejects.toMatchObject({ code: 'forbidden' })
    },
  )
})
