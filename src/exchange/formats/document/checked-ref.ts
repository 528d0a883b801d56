import { refuse } from '../reading/refusal.ts'

const MAX_REF = 300

/** A ref made of a path; refs are compared, so that a cut one would be another one. */
export function checkedRef(ref: string, file: string): string {
  if (ref.length > MAX_REF)
    refuse({ file }, `its path is too long: ${ref.length} of ${MAX_REF} characters.`, 'Shorten it and import again.')
  return ref
}
