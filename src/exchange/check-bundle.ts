import type { Bundle } from '../../schemas/bundle.ts'
import { SpekiError } from '../errors.ts'
import { findCycles } from '../graph.ts'

const SHOWN = 10

/** Throws where ids are there twice, point to nothing or wait for each other in a circle. What passes can be stored. */
export function checkBundle(bundle: Bundle): void {
  const prds = new Set(bundle.prds.map(({ ref }) => ref))
  const tasks = new Map(bundle.tasks.map((task) => [task.ref, task]))
  const problems = [
    ...repeated('PRD', bundle.prds),
    ...repeated('task', bundle.tasks),
    ...repeated('knowledge entry', bundle.knowledge),
    ...bundle.prds
      .filter(({ parent }) => parent !== undefined && !prds.has(parent))
      .map(({ ref, parent }) => `PRD ${ref} has the parent ${parent}, which is not there`),
    ...bundle.tasks.flatMap(({ ref, prd, depends_on }) => [
      ...(prd !== undefined && !prds.has(prd) ? [`task ${ref} belongs to ${prd}, which is not there`] : []),
      ...depends_on.flatMap((other) =>
        other === ref
          ? [`task ${ref} waits for itself`]
          : tasks.has(other)
            ? []
            : [`task ${ref} waits for ${other}, which is not there`],
      ),
    ]),
    ...bundle.knowledge
      .filter(({ task }) => task !== undefined && !tasks.has(task))
      .map(({ ref, task }) => `knowledge entry ${ref} is about task ${task}, which is not there`),
  ]
  const parentOf = new Map(bundle.prds.map(({ ref, parent }) => [ref, parent]))
  const circles = [
    ...findCycles(
      [...tasks.keys()],
      (ref) => tasks.get(ref)?.depends_on.filter((other) => tasks.has(other)) ?? [],
      SHOWN,
    ),
    ...findCycles(
      [...prds],
      (ref) => [parentOf.get(ref)].filter((parent) => parent !== undefined && prds.has(parent)).map(String),
      SHOWN,
    ),
  ]
  for (const circle of circles) problems.push(`a circle: ${[...circle, circle[0]].join(' → ')}`)
  if (problems.length === 0) return
  const more = problems.length > SHOWN ? ` and ${problems.length - SHOWN} more` : ''
  throw new SpekiError('invalid_input', `Nothing was imported: ${problems.slice(0, SHOWN).join('; ')}${more}.`, {
    hint: 'Mend it in the files and import again.',
    details: { problems: problems.slice(0, 100) },
  })
}

function repeated(noun: string, entries: readonly { readonly ref: string }[]): readonly string[] {
  const seen = new Set<string>()
  return entries.flatMap(({ ref }) => {
    if (!seen.has(ref)) {
      seen.add(ref)
      return []
    }
    return [`${noun} ${ref} is there twice`]
  })
}
