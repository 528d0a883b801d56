import type { TaskContext } from '../../../../schemas/task.ts'
import type { Json } from '../reading/json.ts'

const MAX_CONTRACTS = 20
const MAX_CONTRACT = 4000
const MAX_REFERENCES = 50
const MAX_REFERENCE = 500
const MAX_NOTES = 4000

/** What a task is told: contracts bind, references are to be read, the rest is advice. `rest` is what did not fit, whole. */
export function readContext(value: Json): { readonly context: TaskContext; readonly rest: Json } {
  if (!isMap(value)) return { context: {}, rest: value }
  const rest: Record<string, Json> = {}
  const { references, requirements, suggestions, dataContracts, ...others } = value
  const listed = Array.isArray(references) ? references : references === undefined ? [] : [references]
  const short = listed.filter((item): item is string => typeof item === 'string' && item.length <= MAX_REFERENCE)
  if (short.length < listed.length || short.length > MAX_REFERENCES) rest['references'] = references ?? null

  const bound = isMap(requirements) ? requirements : {}
  const { apiContracts, ...otherRequirements } = bound
  const contracts = [...named(apiContracts), ...named(dataContracts)]
  if (contracts.some((text) => text.length > MAX_CONTRACT) || contracts.length > MAX_CONTRACTS) {
    if (apiContracts !== undefined) rest['requirements'] = bound
    if (dataContracts !== undefined) rest['dataContracts'] = dataContracts
  } else if (Object.keys(otherRequirements).length > 0) rest['requirements'] = otherRequirements
  if (requirements !== undefined && !isMap(requirements)) rest['requirements'] = requirements

  const advice = [...sections(isMap(suggestions) ? suggestions : {}), ...sections(others)].join('\n\n')
  if (advice.length > MAX_NOTES) {
    if (suggestions !== undefined) rest['suggestions'] = suggestions
    for (const [name, other] of Object.entries(others)) rest[name] = other
  } else if (suggestions !== undefined && !isMap(suggestions)) rest['suggestions'] = suggestions
  const fitting = contracts.filter((text) => text.length <= MAX_CONTRACT).slice(0, MAX_CONTRACTS)
  return {
    context: {
      ...(fitting.length > 0 && { contracts: fitting }),
      ...(short.length > 0 && { references: short.slice(0, MAX_REFERENCES) }),
      ...(advice !== '' && advice.length <= MAX_NOTES && { notes: advice }),
    },
    rest: Object.keys(rest).length > 0 ? rest : null,
  }
}

function sections(map: Readonly<Record<string, Json>>): readonly string[] {
  return Object.entries(map).flatMap(([name, value]) => {
    const lines = named(value)
    return lines.length > 0 ? [`${name}:\n${lines.join('\n')}`] : []
  })
}

/** A map as `name: value`, a list item by item. */
function named(value: Json | undefined): readonly string[] {
  if (value === undefined || value === null || value === '') return []
  if (Array.isArray(value)) return value.map(asText)
  if (typeof value === 'object') return Object.entries(value).map(([name, item]) => `${name}: ${asText(item)}`)
  return [String(value)]
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function isMap(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
