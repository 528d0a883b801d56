import { z } from 'zod'
import { keyNumber, PrdKey, RequirementKey, TaskKey } from '../../../schemas/key.ts'
import { RepositoryName } from '../../../schemas/repository.ts'
import { Complexity, Criterion, Priority, TaskContext } from '../../../schemas/task.ts'
import { claimNext, nextWork } from '../next-work.ts'
import { defineOperation, Next } from '../operation.ts'

export const taskCreate = defineOperation({
  name: 'task_create',
  title: 'Create task',
  description: 'Create an ad-hoc task, or a follow-up of another one, outside a plan.',
  toolset: 'tasks',
  effect: 'write',
  action: 'task.create',
  input: z.object({
    title: z.string().trim().min(1).max(300),
    repository: RepositoryName,
    description: z.string().max(20_000).default(''),
    acceptance_criteria: z.array(Criterion).max(30).default([]),
    test_cases: z.array(z.string().max(500)).max(50).default([]),
    prd: PrdKey.optional(),
    requirements: z.array(RequirementKey).max(100).default([]),
    depends_on: z.array(TaskKey).max(100).default([]),
    follow_up_of: TaskKey.optional().describe('Where it was discovered'),
    complexity: Complexity.default('medium'),
    priority: Priority.default(50),
    context: TaskContext.default({}),
  }),
  output: z.object({ id: TaskKey, ready: z.boolean(), revision: z.int32(), next: Next }),
  summarize: ({ id, ready }) => `Created ${id}${ready ? ', ready' : ''}.`,
  async run(input, { service, caller, request }) {
    const { createTask } = await import('../../domain/task/create.ts')
    const {
      acceptance_criteria: acceptanceCriteria,
      test_cases: testCases,
      prd,
      requirements,
      depends_on: dependsOn,
      follow_up_of: followUpOf,
      ...rest
    } = input
    const task = await createTask(
      service,
      caller,
      {
        ...rest,
        acceptanceCriteria,
        testCases,
        prd: keyNumber(prd),
        requirements: requirements.map((key) => keyNumber(key)),
        dependsOn: dependsOn.map((key) => keyNumber(key)),
        followUpOf: keyNumber(followUpOf),
      },
      request,
    )
    const onward = await nextWork(service, caller)
    const held = onward.find(({ operation }) => operation === 'task_validate')
    return {
      id: task.id,
      ready: task.ready,
      revision: task.revision,
      // Whoever noted it while at work goes on with that.
      next: task.ready && held === undefined ? [await claimNext(service, caller, task.id)] : onward,
    }
  },
})
