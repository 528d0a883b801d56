import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ifMissing } from '../expected.ts'
import type { Agent, AgentFeature, AgentJob, AgentProbe } from './agent.ts'
import { type CodexResult, createCodexStream } from './codex-stream.ts'
import { createRefusals, writeGuard } from './guard.ts'
import { promptWithInstructions } from './instructions.ts'
import { parseObject } from './json-line.ts'
import { lookFor } from './look-at-program.ts'
import { askProgram, versionIn } from './probe-program.ts'
import type { SessionRecord } from './record.ts'
import { runSession, type SessionDriver, type Verdict } from './session.ts'

/** Without these, its stream could not be read, or rules of the repository would run. */
const NEEDED = ['--json', '--sandbox', '--config']

const FEATURES: readonly (readonly [AgentFeature, string])[] = [
  ['resume', 'resume'],
  ['answer_schema', '--output-schema'],
  ['mcp', '--config'],
]

const INSTALL = 'Install Codex, or name its path in the configuration.'

/** Codex, headless (`codex exec`). `command` is the program's name or path. It tells no cost. */
export function createCodexAgent(command: string): Agent {
  return {
    name: 'codex',
    look: async () =>
      await lookFor(
        command,
        FEATURES.map(([feature]) => feature),
        `${command} is not here. ${INSTALL}`,
      ),
    async probe(signal): Promise<AgentProbe> {
      const version = await askProgram(command, ['--version'], signal)
      const help = await askProgram(command, ['exec', '--help'], signal)
      const missing = NEEDED.filter((flag) => !help.printed.includes(flag))
      const failed = version.problem ?? help.problem
      const problem =
        failed !== undefined
          ? `${failed} ${INSTALL}`
          : missing.length > 0
            ? `This Codex does not know ${missing.join(', ')}: update it.`
            : undefined
      const features = FEATURES.flatMap(([feature, flag]) => (help.printed.includes(flag) ? [feature] : []))
      return { version: versionIn(version.printed), features: new Set(features), problem }
    },
    run: async (job, onEvent, signal) => await runSession(job, await createDriver(command, job), onEvent, signal),
  }
}

async function createDriver(command: string, job: AgentJob): Promise<SessionDriver> {
  const stream = createCodexStream()
  // What a hook refuses is in no line of its stream.
  const refusals = createRefusals(job)
  const last = join(job.scratch, 'last-message.txt')
  let answer: Readonly<Record<string, unknown>> | undefined
  return {
    file: command,
    args: await argumentsOf(job, last),
    environment: {},
    input: await promptWithInstructions(job, ['AGENTS.md']),
    read: (object) => [...refusals(), ...stream.read(object)],
    async finish() {
      answer = parseObject(await readFile(last, 'utf8').catch(ifMissing('')))
      return refusals()
    },
    verdict: (record) => {
      const result = stream.result()
      return result === undefined ? undefined : judge(result, record, job, answer)
    },
  }
}

async function argumentsOf(job: AgentJob, last: string): Promise<readonly string[]> {
  const guard = await writeGuard(job)
  const set = (key: string, value: unknown) => ['-c', `${key}=${toml(value)}`]
  const servers = job.servers.flatMap(({ name, command, args, env }) => [
    ...set(`mcp_servers.${name}.command`, command),
    ...set(`mcp_servers.${name}.args`, args),
    ...set(`mcp_servers.${name}.env`, env),
    ...set(`mcp_servers.${name}.default_tools_approval_mode`, 'approve'),
  ])
  const hooks =
    guard === undefined
      ? []
      : [
          ...set('hooks.PreToolUse', [{ matcher: '.*', hooks: [{ type: 'command', command: guard }] }]),
          '--dangerously-bypass-hook-trust',
        ]
  const schema = join(job.scratch, 'answer-schema.json')
  if (job.answerSchema !== undefined) await writeFile(schema, JSON.stringify(strict(job.answerSchema)))
  return [
    'exec',
    ...['--json', '--skip-git-repo-check', '--sandbox', 'workspace-write', '-o', last],
    // Whoever cannot be asked is not asked, and rules of the repository do not count.
    ...set('approval_policy', 'never'),
    '--ignore-rules',
    // Else hooks and servers of a repository would run that the person trusts in sessions of their own.
    ...set('projects', { [job.folder]: { trust_level: 'untrusted' } }),
    ...servers,
    ...hooks,
    ...(job.model === undefined ? [] : ['--model', job.model]),
    ...(job.answerSchema === undefined ? [] : ['--output-schema', schema]),
    ...(job.resume === undefined ? [] : ['resume', job.resume]),
    '-',
  ]
}

/** The vendor takes schemas only with every property required and no others allowed. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict)
  if (typeof schema !== 'object' || schema === null) return schema
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]))
  const { properties } = copy
  if (typeof properties !== 'object' || properties === null) return copy
  return { ...copy, required: Object.keys(properties), additionalProperties: false }
}

/** JSON is TOML for texts and lists; tables differ in one sign. */
function toml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toml).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, entry]) => `${JSON.stringify(key)} = ${toml(entry)}`)
      .join(', ')}}`
  return JSON.stringify(value)
}

/** How Codex tells the status of an answer; it does not tell every one. */
const STATUS = /^(?:unexpected status|exceeded retry limit, last status:) ([45]\d\d)\b/

function judge(
  result: CodexResult,
  record: SessionRecord,
  job: AgentJob,
  answer: Readonly<Record<string, unknown>> | undefined,
): Verdict {
  if (!result.ended) {
    const status = Number(STATUS.exec(result.message)?.[1])
    return { outcome: 'api_error', detail: result.message, status: Number.isNaN(status) ? undefined : status }
  }
  if (record.gaveUp()) return { outcome: 'denied', detail: record.denials().at(-1) ?? '', answer }
  const final = answer ?? parseObject(record.lastMessage())
  if (job.answerSchema !== undefined && final === undefined)
    return { outcome: 'schema_miss', detail: 'It ended without an answer in the asked form.' }
  return { outcome: 'ended', detail: '', answer: final }
}
