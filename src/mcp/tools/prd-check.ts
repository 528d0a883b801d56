import { z } from 'zod'
import { keyNumber, PrdKey } from '../../../schemas/key.ts'
import type { Finding } from '../../domain/prd-check.ts'
import { clip, fitting } from '../text.ts'
import { defineTool, Next } from '../tool.ts'

export const prdCheck = defineTool({
  name: 'prd_check',
  title: 'Check PRD',
  description:
    'Check a PRD by rules before planning: no requirements, requirements without acceptance criteria, open questions, template text left, unknown repositories; with rule ids and lines.',
  toolset: 'registry',
  effect: 'read',
  input: z.object({ id: PrdKey }),
  output: z.object({
    id: PrdKey,
    revision: z.int32(),
    verdict: z.enum(['ready', 'needs_work']),
    findings: z
      .array(
        z.object({
          rule: z.string(),
          severity: z.enum(['error', 'warning', 'info']),
          lines: z.string(),
          message: z.string(),
        }),
      )
      .describe('By line; as many as have room'),
    total: z.int32(),
    requirements: z.int32(),
    next: Next,
  }),
  summarize: ({ id, verdict, total, requirements }) =>
    `${id}: ${verdict.replace('_', ' ')}, ${total} finding(s) over ${requirements} requirement(s).`,
  async run(input, { service }) {
    const { checkPrd } = await import('../../domain/prd-check.ts')
    const result = await checkPrd(service, keyNumber(input.id))
    return {
      id: input.id,
      revision: result.revision,
      verdict: result.verdict,
      findings: fitting(result.findings.map(row), 6000),
      total: result.findings.length,
      requirements: result.requirements,
      next:
        result.verdict === 'ready'
          ? [`plan_draft prd="${input.id}"`]
          : [`prd_edit id="${input.id}" base_revision=${result.revision}`, `plan_draft prd="${input.id}"`],
    }
  },
})

function row({ lines, message, ...finding }: Finding) {
  return { ...finding, lines: `${lines.start}-${lines.end}`, message: clip(message, 300).text }
}
