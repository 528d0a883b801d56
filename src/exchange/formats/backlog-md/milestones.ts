import type { BundlePrd } from '../../../../schemas/bundle.ts'
import { readState, stateByTasks } from '../reading/state.ts'
import { cutAtWord } from '../reading/task.ts'
import type { Milestone } from './documents.ts'
import { plainId } from './ids.ts'
import { type BacklogTask, statusOf } from './task.ts'

/**
 * A PRD for each milestone, or one for the whole backlog where nobody uses milestones. Tasks without a milestone take
 * that of the task they are part of, else they belong to no PRD.
 * @param parents by plain id of the part
 */
export function groupByMilestone(
  tasks: readonly BacklogTask[],
  parents: ReadonlyMap<string, string>,
  milestones: readonly Milestone[],
  project: string,
): { readonly prds: readonly BundlePrd[]; readonly prdOf: ReadonlyMap<string, string> } {
  const byName = new Map<string, BundlePrd>()
  for (const { names, prd } of milestones)
    for (const name of names) if (!byName.has(plainId(name))) byName.set(plainId(name), prd)
  const prds = milestones.map((milestone) => milestone.prd)
  const byId = new Map(tasks.map((task) => [plainId(task.fields.id), task]))
  const prdOf = new Map<string, string>()
  for (const id of byId.keys()) {
    const name = milestoneOf(id, byId, parents)
    if (name === undefined) continue
    const found = byName.get(plainId(name)) ?? byName.get(`m-${plainId(name)}`)
    const prd = found ?? nameOnly(name)
    if (found === undefined) {
      byName.set(plainId(name), prd)
      prds.push(prd)
    }
    prdOf.set(id, prd.ref)
  }
  if (prds.length === 0 && tasks.length > 0) {
    prds.push(whole(project))
    for (const id of byId.keys()) prdOf.set(id, 'backlog')
  }
  const states = new Map<string, ReturnType<typeof readState>[]>(prds.map((prd) => [prd.ref, []]))
  for (const [id, task] of byId) states.get(prdOf.get(id) ?? '')?.push(readState(statusOf(task), 'Backlog.md'))
  const dated = prds.map((prd) => ({
    ...prd,
    state: prd.state === 'archived' ? prd.state : stateByTasks(states.get(prd.ref) ?? []),
  }))
  return { prds: dated, prdOf }
}

function milestoneOf(
  id: string,
  tasks: ReadonlyMap<string, BacklogTask>,
  parents: ReadonlyMap<string, string>,
): string | undefined {
  const seen = new Set<string>()
  for (let at: string | undefined = id; at !== undefined && !seen.has(at); at = parents.get(at)) {
    seen.add(at)
    const name = tasks.get(at)?.fields.milestone?.trim()
    if (name) return name
  }
  return undefined
}

function nameOnly(name: string): BundlePrd {
  const title = cutAtWord(name.replace(/\s+/g, ' '), 250)
  return {
    ...short(`milestone:${title}`, title),
    body: `# ${title}\n\nMilestone of Backlog.md that tasks name and no file describes.\n`,
  }
}

function whole(project: string): BundlePrd {
  const title = cutAtWord(project.replace(/\s+/g, ' '), 300)
  return {
    ...short('backlog', title),
    body: `# ${title}\n\nThe whole backlog of Backlog.md, which has no milestones.\n`,
  }
}

function short(ref: string, title: string): Omit<BundlePrd, 'body'> {
  return { ref, title, kind: 'prd', state: 'draft', repositories: [], owners: [], extra: {} }
}
