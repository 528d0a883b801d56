import { matchesGlob } from 'node:path'
import type { Task } from '../../../schemas/task.ts'

/** What decides whether work is good, and what runs it elsewhere: not for an agent to change. */
const PROTECTED = [
  '.git',
  '.github/workflows/**',
  '.gitlab-ci.yml',
  'azure-pipelines.yml',
  '.circleci/**',
  'Jenkinsfile',
  '.claude/**',
  '.codex/**',
  '.mcp.json',
  '.husky/**',
]

/** Globs of paths that an attempt must leave as they are. A task that names such a file is about it. */
export function protectedPathsFor(task: Pick<Task, 'context'>): readonly string[] {
  const named = task.context.files ?? []
  return PROTECTED.filter((glob) => !named.some((path) => path === glob || matchesGlob(path, glob)))
}
