import { extractRequirements } from '../../../src/spec/requirement/extract.ts'

export function read(...lines: readonly string[]) {
  return extractRequirements(lines.join('\n')).requirements
}

/** Label or text, with the form: enough to see what was recognised as what. */
export function outline(...lines: readonly string[]) {
  return read(...lines).map((requirement) => [requirement.label ?? requirement.text, requirement.form])
}

export function questions(...lines: readonly string[]) {
  return extractRequirements(lines.join('\n')).questions
}
