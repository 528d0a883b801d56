import type { AgentUsage } from '../../../schemas/agent.ts'
import { taskKey } from '../../../schemas/key.ts'
import type { RunTask, RunView } from '../../domain/run/read.ts'
import { renderReport } from './diagnose.ts'

/** What a run did, as Markdown: each task with its attempts, and of each failure the diagnostic report. */
export function renderRun({ run, tasks }: RunView): string {
  const done = tasks.filter(({ status }) => status === 'done').length
  return [
    `# ${run.id}: ${run.title}`,
    `${run.state}${run.reason === undefined ? '' : `: ${run.reason}`}`,
    `${done} of ${tasks.length} tasks done with ${run.options.agent}; ${renderUsage(run.spend)}. Change set: ${run.changeSet}.`,
    ...tasks.map(renderTask),
  ].join('\n\n')
}

function renderTask({ id, title, repository, status, reason, attempts }: RunTask): string {
  return [
    `## ${taskKey(id)} ${title} [${repository}]: ${status}`,
    ...(reason === undefined ? [] : [reason]),
    ...attempts.map(({ number, state, agent, rounds, usage, commit, report }) => {
      const messages = `${rounds} ${rounds === 1 ? 'message' : 'messages'}`
      const head = `### Attempt ${number} by ${agent}: ${state}, ${messages}, ${renderUsage(usage)}`
      const made = state === 'landed' && commit !== undefined ? [`Commit ${commit.slice(0, 12)}.`] : []
      return [head, ...made, ...(report === undefined ? [] : [renderReport(report)])].join('\n\n')
    }),
  ].join('\n\n')
}

/** Absent numbers are unknown and stay unsaid. */
function renderUsage({ turns, inputTokens, outputTokens, costUsd }: AgentUsage): string {
  const parts = [
    turns !== undefined && `${turns} turns`,
    inputTokens !== undefined && `${inputTokens} tokens in`,
    outputTokens !== undefined && `${outputTokens} out`,
    costUsd !== undefined && `${costUsd.toFixed(4)} USD`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? 'usage unknown' : parts.join(', ')
}
