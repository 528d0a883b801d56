import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Agent, AgentFeature, AgentJob, AgentProbe } from './agent.ts'
import { type ClaudeResult, createClaudeStream } from './claude-stream.ts'
import { GUARD_SAYS, writeGuard } from './guard.ts'
import { promptWithInstructions } from './instructions.ts'
import { lookFor } from './look-at-program.ts'
import { askProgram, versionIn } from './probe-program.ts'
import type { SessionRecord } from './record.ts'
import { runSession, type SessionDriver, type Verdict } from './session.ts'

/** Without these, settings and servers of the repository would run. */
const NEEDED = ['--setting-sources', '--strict-mcp-config', '--settings', '--output-format']

const FEATURES: readonly (readonly [AgentFeature, string])[] = [
  ['resume', '--resume'],
  ['answer_schema', '--json-schema'],
  ['cost_limit', '--max-budget-usd'],
  ['mcp', '--mcp-config'],
]

/** Not in its help, but in every version that knows the flags above. */
const HIDDEN: readonly AgentFeature[] = ['turn_limit', 'hooks']

const INSTALL = 'Install Claude Code, or name its path in the configuration.'

/** Requests that failed are tried again so often: more looks like a session that hangs. */
const RETRIES = '2'

/** Claude Code, headless. `command` is the program's name or path. */
export function createClaudeAgent(command: string): Agent {
  const probe = async (signal: AbortSignal): Promise<AgentProbe> => {
    const version = await askProgram(command, ['--version'], signal)
    const help = await askProgram(command, ['--help'], signal)
    const missing = NEEDED.filter((flag) => !help.printed.includes(flag))
    const problem =
      (version.problem ?? help.problem) === undefined
        ? missing.length === 0
          ? undefined
          : `This Claude Code does not know ${missing.join(', ')}: run claude update.`
        : `${version.problem ?? help.problem} ${INSTALL}`
    const features = FEATURES.flatMap(([feature, flag]) => (help.printed.includes(flag) ? [feature] : []))
    const hidden = problem === undefined ? HIDDEN : []
    return { version: versionIn(version.printed), features: new Set([...features, ...hidden]), problem }
  }
  return {
    name: 'claude',
    look: async () =>
      await lookFor(
        command,
        [...FEATURES.map(([feature]) => feature), ...HIDDEN],
        `${command} is not here. ${INSTALL}`,
      ),
    probe,
    run: async (job, onEvent, signal) => await runSession(job, await createDriver(command, job), onEvent, signal),
  }
}

async function createDriver(command: string, job: AgentJob): Promise<SessionDriver> {
  const stream = createClaudeStream(GUARD_SAYS)
  return {
    file: command,
    args: await argumentsOf(job),
    environment: {
      CLAUDE_CODE_MAX_RETRIES: RETRIES,
      // An update in the middle of a run would change what was probed.
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    input: await promptWithInstructions(job, ['CLAUDE.md', 'AGENTS.md']),
    read: stream.read,
    verdict: (record) => {
      const result = stream.result()
      return result === undefined ? undefined : judge(result, record, job)
    },
  }
}

async function argumentsOf(job: AgentJob): Promise<readonly string[]> {
  const { limits } = job
  const settings = join(job.scratch, 'settings.json')
  await writeFile(settings, JSON.stringify(await settingsOf(job)))
  const servers = join(job.scratch, 'mcp.json')
  const named = job.servers.map(({ name, command, args, env }) => [name, { type: 'stdio', command, args, env }])
  await writeFile(servers, JSON.stringify({ mcpServers: Object.fromEntries(named) }), { mode: 0o600 })
  return [
    ...['-p', '--output-format', 'stream-json', '--verbose'],
    // The person's own settings hold the login; those of the repository may run anything.
    ...['--setting-sources', 'user', '--settings', settings],
    ...['--strict-mcp-config', '--mcp-config', servers],
    ...['--permission-mode', 'acceptEdits', '--permission-prompts', 'none'],
    ...(job.resume === undefined ? ['--session-id', job.session] : ['--resume', job.resume]),
    ...(job.model === undefined ? [] : ['--model', job.model]),
    ...(limits.turns === undefined ? [] : ['--max-turns', String(limits.turns)]),
    ...(limits.costUsd === undefined ? [] : ['--max-budget-usd', String(limits.costUsd)]),
    ...(job.answerSchema === undefined ? [] : ['--json-schema', JSON.stringify(job.answerSchema)]),
  ]
}

/** Laid over the person's settings. Files inside the folder may be edited, all else that is not named here is refused. */
async function settingsOf(job: AgentJob) {
  const guard = await writeGuard(job)
  const deny = job.protectedPaths.flatMap((glob) => {
    // Two slashes begin an absolute path.
    const path = `/${job.folder}/${glob}`
    return [`Edit(${path})`, `Write(${path})`]
  })
  const hooks =
    guard === undefined ? {} : { PreToolUse: [{ matcher: '*', hooks: [{ type: 'command', command: guard }] }] }
  return {
    permissions: { allow: ['Bash', ...job.servers.map(({ name }) => `mcp__${name}`)], deny },
    hooks,
    includeCoAuthoredBy: false,
  }
}

/** What the last word of the stream means: what happened stands in many fields, and none of them alone tells the truth. */
function judge(result: ClaudeResult, record: SessionRecord, job: AgentJob): Verdict {
  const { subtype, terminal_reason: reason, api_error_status: status, structured_output: answer } = result
  const printed = [result.result, ...result.errors].filter((part) => part !== '').join(' ')
  const ended = (outcome: Verdict['outcome'], detail: string): Verdict => ({ outcome, detail, answer })
  if (subtype === 'error_max_turns') return ended('turn_limit', `It took more than ${job.limits.turns} turns.`)
  if (subtype === 'error_max_budget_usd') return ended('budget', `It spent more than ${job.limits.costUsd} USD.`)
  if (subtype.includes('structured_output')) return ended('schema_miss', printed)
  if (reason === 'api_error' || status !== undefined) return { outcome: 'api_error', detail: printed, status }
  if (result.is_error || subtype !== 'success') {
    // A session that cannot begin says so in the same form: an id in use, a session that is not there.
    const outcome = record.session() === undefined ? 'not_started' : 'crashed'
    return { outcome, detail: `${subtype} ${reason ?? ''} ${printed}`.trim() }
  }
  if (record.gaveUp()) return ended('denied', record.denials().at(-1) ?? '')
  if (job.answerSchema !== undefined && answer === undefined)
    return ended('schema_miss', 'It ended without an answer in the asked form.')
  return ended('ended', '')
}
