import type { Principal } from '../../../schemas/actor.ts'
import { keyNumber, requirementKey, taskKey } from '../../../schemas/key.ts'
import type { PlanDraft } from '../../../schemas/plan.ts'
import { SpekiError } from '../../errors.ts'
import { planText } from '../../reading/readings.ts'
import { interfaceNames } from '../../spec/contracts.ts'
import { findPrdBody } from '../../store/prd/prds.ts'
import { listTraces } from '../../store/task/task-links.ts'
import { listPrdTasks } from '../../store/task/tasks.ts'
import { getPrd } from '../prd/prd.ts'
import { consult, type Service } from '../service.ts'

export interface TechSpecPacket {
  /** The draft with the chosen requirements alone, and no tasks: those come from the tech spec. */
  readonly draft: PlanDraft
  readonly outline: readonly string[]
  readonly contracts: readonly string[]
  readonly constraints: readonly string[]
  readonly evidence: readonly { readonly repository: string; readonly requirement: string; readonly reason: string }[]
}

const OUTLINE = [
  '## Overview: the PRD and the stories it covers, by label',
  '## Approach: the design and why so; what was not chosen',
  '## Interfaces: endpoints, events, signatures, tables; each with an example and its fields',
  '## Files: what is created and changed in which repository, with paths',
  '## Requirements: one a component, "### R1: …" with what it shall do and its acceptance criteria',
  '## Errors: condition, response, what the caller sees',
  '## Tests: names in the form Unit_Scenario_Expected, existing tests that change',
  '## Security and performance: limits of the PRD and how they are kept',
  '## Open questions',
]

/** What a tech spec of these stories (labels, REQ keys, or TASK keys of stories) is written from; of all where none is named. */
export async function techSpecPacket(
  service: Service,
  caller: Principal,
  draft: PlanDraft,
  stories: readonly string[] | undefined,
): Promise<TechSpecPacket> {
  return await consult(service, caller, 'plan.draft', async (reader) => {
    const prd = await getPrd(reader, keyNumber(draft.prd))
    const tasks = await listPrdTasks(reader, prd.id)
    const traces = await listTraces(reader, prd.id)
    const chosen = new Set(stories === undefined ? draft.requirements.map(({ id }) => id) : [])
    for (const story of stories ?? []) {
      const name = story.trim().toUpperCase()
      const requirement = draft.requirements.find(({ id, label }) => id === name || label?.toUpperCase() === name)
      const task = tasks.find(({ id, alias }) => taskKey(id) === name || alias?.toUpperCase() === name)
      if (requirement === undefined && task === undefined) {
        throw new SpekiError('not_found', `${draft.prd} has no requirement or story "${story}".`, {
          hint: `It has ${draft.requirements
            .slice(0, 10)
            .map(({ id, label }) => label ?? id)
            .join(', ')}.`,
        })
      }
      if (requirement !== undefined) chosen.add(requirement.id)
      else for (const trace of traces) if (trace.task === task?.id) chosen.add(requirementKey(trace.requirement))
    }
    const requirements = draft.requirements.filter(({ id }) => chosen.has(id))
    const labels = new Set(requirements.flatMap(({ id, label }) => [id, ...(label === undefined ? [] : [label])]))
    const body = (await findPrdBody(reader, prd.id, prd.revision)) ?? ''
    const { contracts, constraints } = planText.now({ text: body, kind: prd.kind })
    const names = interfaceNames(requirements.map(({ text, criteria }) => [text, ...criteria].join('\n')).join('\n'))
    const bound = contracts.filter((contract) => [...contract.names].some((name) => names.has(name)))
    return {
      draft: {
        ...draft,
        requirements,
        tasks: [],
        waves: [],
        critical_path: [],
        placements: draft.placements.filter(({ requirement }) => labels.has(requirement)),
      },
      outline: OUTLINE,
      contracts: (bound.length > 0 ? bound : contracts).map(
        ({ title, text, lines }) => `${title} (lines ${lines.start}-${lines.end}):\n${text}`,
      ),
      constraints: constraints.map(({ raw, line }) => `line ${line}: ${raw}`),
      evidence: draft.placements
        .filter(({ requirement }) => labels.has(requirement))
        .map(({ requirement, repository, reason }) => ({ repository, requirement, reason })),
    }
  })
}
