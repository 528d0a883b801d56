import { readYaml, type YamlFault } from '../../../spec/markdown/yaml.ts'
import { checkJson, type Json } from './json.ts'
import { refuse } from './refusal.ts'

export type Values = Readonly<Record<string, Json>>

/**
 * A YAML mapping that a stranger may have written.
 * @throws SpekiError `invalid_input` with the line, where it is broken, is no mapping or cannot be stored
 */
export function yamlValues(text: string, file: string): Values {
  const reading = readYaml(text.replace(/^\uFEFF/, ''))
  if (reading.fault !== undefined) return refuseYaml(reading.fault, file)
  return storable(reading.values, file)
}

/** The same for values that were read. */
export function storable(values: unknown, file: string, line = 1): Values {
  if (values === null || values === undefined) return {}
  if (typeof values !== 'object' || Array.isArray(values))
    return refuse(
      { file, at: `line ${line}` },
      'its YAML is no list of fields.',
      'Write them as name: value and import again.',
    )
  // Came out of JSON.
  checkJson(values as Json, { file })
  return values as Values
}

export function refuseYaml({ says, hint, line }: YamlFault, file: string): never {
  return refuse({ file, ...(line !== undefined && { at: `line ${line}` }) }, `${says}.`, `${hint} Then import again.`)
}
