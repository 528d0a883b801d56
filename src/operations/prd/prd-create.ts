import { z } from 'zod'
import { keyNumber, PrdKey } from '../../../schemas/key.ts'
import { MAX_BODY_BYTES, PrdKind, Title } from '../../../schemas/prd.ts'
import { SpekiError } from '../../errors.ts'
import { BLANK, step } from '../../step.ts'
import { defineOperation, Next } from '../operation.ts'
import { prdWork } from './prd-work.ts'

export const prdCreate = defineOperation({
  name: 'prd_create',
  title: 'Create PRD',
  description:
    'Create a PRD, tech spec or bug report in Markdown over any number of repositories. Give body or template=true.',
  toolset: 'registry',
  effect: 'write',
  action: 'prd.create',
  input: z.object({
    title: Title,
    kind: PrdKind.default('prd'),
    body: z.string().max(MAX_BODY_BYTES).optional().describe('Markdown'),
    template: z.boolean().optional().describe('Start from that of its kind'),
    repositories: z.array(z.string().max(100)).max(100).default([]).describe('Names it spans'),
    parent: PrdKey.optional(),
    owners: z.array(z.string().min(1).max(200)).max(50).optional(),
  }),
  output: z.object({
    id: PrdKey,
    title: z.string(),
    state: z.string(),
    revision: z.int32(),
    requirements: z.int32(),
    next: Next,
  }),
  summarize: ({ id, title, requirements }) => `Created ${id} "${title}" with ${requirements} requirement(s).`,
  async run(input, { service, caller, packageRoot, request }) {
    if ((input.body === undefined) === (input.template !== true)) {
      throw new SpekiError('invalid_input', 'Give either body or template.', {
        hint: 'Write the text in body, or start from the template.',
      })
    }
    const { createPrd } = await import('../../domain/prd/prd.ts')
    const { readTemplate } = await import('../../domain/prd/template.ts')
    const body = input.body ?? (await readTemplate(packageRoot, input.kind, input.title))
    const draft = {
      title: input.title,
      kind: input.kind,
      body,
      repositories: input.repositories,
      owners: input.owners,
      parent: keyNumber(input.parent),
    }
    const { prd, requirements } = await createPrd(service, caller, draft, request)
    return {
      id: prd.id,
      title: prd.title,
      state: prd.state,
      revision: prd.revision,
      requirements,
      next:
        requirements === 0 || input.template
          ? [
              step('prd_edit', { prd: prd.id, base_revision: prd.revision, body: BLANK }),
              step('prd_check', { prd: prd.id }),
            ]
          : [step('prd_check', { prd: prd.id }), ...(await prdWork(service, caller, keyNumber(prd.id)))],
    }
  },
})
