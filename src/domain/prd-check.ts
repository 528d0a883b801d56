import type { SourceLines } from '../../schemas/requirement.ts'
import { SpekiError } from '../errors.ts'
import { findPrdBody } from '../store/prds.ts'
import { listRepositoryNames } from '../store/repositories.ts'
import { getPrd } from './prd.ts'
import { extractRequirements } from './requirement/extract.ts'
import type { Service } from './service.ts'

export interface Finding {
  /** Stable id of the rule. */
  readonly rule: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly lines: SourceLines
  readonly message: string
}

export interface PrdCheck {
  readonly revision: number
  readonly verdict: 'ready' | 'needs_work'
  readonly findings: readonly Finding[]
  readonly requirements: number
}

/** Whether a plan can be cut from the text: what planning needs is there, and nothing is left open. Errors make it not ready. */
export async function checkPrd(service: Service, id: number): Promise<PrdCheck> {
  const { prd, body, known } = await service.database.read(async (reader) => {
    const record = await getPrd(reader, id)
    const text = await findPrdBody(reader, id, record.revision)
    if (text === undefined)
      throw new SpekiError('internal', `PRD-${id} has no text for its revision ${record.revision}.`)
    return {
      prd: record,
      body: text,
      known: new Set((await listRepositoryNames(reader)).map((entry) => entry.name.toLowerCase())),
    }
  })
  const { requirements, questions, frontMatter } = extractRequirements(body)
  const whole: SourceLines = { start: 1, end: body.split('\n').length }
  const findings: Finding[] = []

  if (requirements.length === 0) {
    findings.push({
      rule: 'requirements.none',
      severity: 'error',
      lines: whole,
      message:
        'No requirement was found. Write each as "### FR-001: …" with what the system shall do, or as a list under a heading "Requirements".',
    })
  }
  for (const requirement of requirements) {
    if (requirement.criteria.length > 0) continue
    const name = requirement.label ?? `"${requirement.text.slice(0, 60)}"`
    findings.push({
      rule: 'criteria.none',
      severity: 'warning',
      lines: requirement.lines,
      message: `${name} has no acceptance criterion. Say how one sees that it is met, for example "Given …, when …, then …".`,
    })
  }
  for (const question of questions) {
    findings.push({
      rule: 'question.open',
      severity: 'error',
      lines: question.lines,
      message: `Open question: ${question.text} Answer it in the text.`,
    })
  }
  for (const [index, line] of body.split('\n').entries()) {
    if (/\{\{[\w .-]+\}\}/.test(line)) {
      findings.push({
        rule: 'template.left',
        severity: 'error',
        lines: { start: index + 1, end: index + 1 },
        message: 'A placeholder of a template is left. Fill it in.',
      })
    }
  }
  if (prd.repositories.length === 0) {
    findings.push({
      rule: 'repositories.none',
      severity: 'error',
      lines: { start: 1, end: 1 },
      message: 'The PRD names no repository. Add them with prd_update repositories=[…].',
    })
  }
  const listed = frontMatter['repositories']
  for (const name of Array.isArray(listed) ? listed : []) {
    if (typeof name === 'string' && !known.has(name.toLowerCase())) {
      findings.push({
        rule: 'repositories.unknown',
        severity: 'error',
        lines: { start: 1, end: 1 },
        message: `The front matter names the repository "${name}", which is not registered. Register it with repository_register.`,
      })
    }
  }
  const ready = findings.every((finding) => finding.severity !== 'error')
  return {
    revision: prd.revision,
    verdict: ready ? 'ready' : 'needs_work',
    findings: findings.sort((a, b) => a.lines.start - b.lines.start),
    requirements: requirements.length,
  }
}
