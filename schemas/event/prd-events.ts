import { z } from 'zod'
import { PrdState } from '../prd.ts'
import { event, list } from './head.ts'

const version = z.int().optional().describe('Version the record has since; older rows do not say it')

const changed = {
  title: z.string().optional(),
  owners: list(z.string()).optional(),
  repositories: list(z.string()).optional().describe('Names'),
  parent: z.union([z.number(), z.string()]).nullish().describe('The parent now; null where it stands alone'),
}

const moved = {
  ...changed,
  from: PrdState.optional().describe('State before'),
  to: PrdState.optional().describe('State now'),
  done: z.int().optional().describe('Tasks done, where its work moved it'),
  open: z.int().optional().describe('Tasks open, where its work moved it'),
}

const numbers = list(z.int())

/** A change of a PRD's record is exactly one of these up to `archived`; the others tell what was done with it. */
export const prdEvents = [
  event('prd.created', 'A PRD was added', {
    title: z.string(),
    kind: z.string(),
    reason: z.string().describe('How it came to be'),
    requirements: z.int().describe('How many were found in its text'),
  }),
  event('prd.edited', 'Its text changed; the revision is that of the text, elsewhere the version of the record', {
    version,
    reason: z.string(),
    base: z.int().describe('Revision the author had read'),
    merged: z.boolean().describe('Others had edited meanwhile'),
    requirements: z
      .object({ added: numbers, changed: numbers, removed: numbers, staleTasks: numbers, answered: numbers })
      .describe('Numbers of requirements and tasks'),
  }),
  event('prd.updated', 'Something beside its text and state changed', changed),
  event('prd.deleted', 'It and its tasks are hidden', {
    ...moved,
    splitOf: z.string().optional().describe('Key of the parent whose split was taken back'),
  }),
  event('prd.restored', 'It is back', moved),
  event('prd.draft', 'It is a draft again', moved),
  event('prd.in_review', 'It waits for approval', moved),
  event('prd.approved', 'A person approved it', moved),
  event('prd.in_progress', 'Work on it began, or began again', moved),
  event('prd.completed', 'Its work is done', moved),
  event('prd.archived', 'It was put away', moved),
  event('prd.split', 'It was cut into children', {
    children: list(z.string()).describe('Keys'),
    before: z.int().describe('Revision with the whole text'),
    after: z.int().describe('Revision without what the children took'),
  }),
  event('prd.split_undone', 'The split was taken back', { children: list(z.string()).describe('Keys') }),
  event('prd.finding_accepted', 'A finding of the check is accepted as it is', {
    finding: z.string(),
    rule: z.string(),
    line: z.int(),
    reason: z.string(),
  }),
  event('prd.reviewed', 'It was read under lenses', {
    lenses: list(z.string()),
    findings: z.int().describe('How many were new'),
  }),
  event('plan.accepted', 'A plan now holds; its revision is that of the PRD', {
    created: z.int(),
    first: z.string().optional().describe('Key of the first task made'),
    last: z.string().optional().describe('Key of the last task made'),
    updated: z.object({ count: z.int(), tasks: list(z.string()) }),
    kept: z.object({ count: z.int(), tasks: list(z.string()) }),
    cancelled: z.object({ count: z.int(), tasks: list(z.string()) }),
    stranded: list(z.object({ task: z.string(), waitsFor: z.string() })).optional(),
  }),
] as const
