import { z } from 'zod'
import { KnowledgeCategory, KnowledgeKind } from '../knowledge.ts'
import { Retention } from '../retention.ts'
import { SandboxSettings } from '../sandbox.ts'
import { event } from './head.ts'

const repository = {
  path: z.string().optional(),
  subpath: z.string(),
  movedFrom: z.string().optional().describe('Path it had before'),
}

export const workspaceEvents = [
  event('repository.registered', 'A repository was added', repository),
  event('repository.updated', 'A repository was registered again', repository),
  event('knowledge.added', 'A lesson, a blocking note or advice was added', {
    kind: KnowledgeKind,
    category: KnowledgeCategory,
    task: z.string().optional().describe('Key of the task it is about'),
    from: z.string().optional().describe('Tool it was imported from'),
  }),
  event('knowledge.settled', 'It is served no more', {}),
  event('workspace.retention_changed', 'For how many days what nobody needs is kept was changed', Retention.shape),
  event('workspace.sandbox_changed', 'What agents and checks may touch was changed', SandboxSettings.shape),
  event('job.retried', 'A job that failed for good got a new set of tries', { name: z.string() }),
  event('follower.resumed', 'A subscriber of the log was let go on', {
    skipped: z.int().optional().describe('Event it went on without'),
  }),
  event('follower.forgotten', 'A subscriber of the log was removed', { lastEvent: z.int() }),
  event('workspace.check_changed', 'What the check asks for was changed', {
    rule: z.string().optional().describe('Rule whose severity was set'),
    severity: z.string().optional(),
    ban: z.string().optional().describe('Word that is banned since'),
    allow: z.string().optional().describe('Word that is allowed again'),
    gate: z.string().optional().describe('Step that a clean check was made a condition of, or no longer'),
    on: z.boolean().optional(),
    lenses: z.boolean().optional(),
  }),
] as const
