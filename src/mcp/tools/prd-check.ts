import { z } from 'zod'
import { keyNumber, PrdKey } from '../../../schemas/key.ts'
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
      .describe('At most 40'),
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
      findings: result.findings
        .slice(0, 40)
        .map((finding) => ({ ...finding, lines: `${finding.lines.start}-${finding.lines.end}` })),
      total: result.findings.length,
      requirements: result.requirements,
      next:
        result.verdict === 'ready'
          ? [`plan_draft prd="${input.id}"`]
          : [`prd_edit id="${input.id}" base_revision=${result.revision}`, `plan_draft prd="${input.id}"`],
    }
  },
})
