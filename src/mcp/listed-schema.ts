import { z } from 'zod'

/**
 * The schema of a tool's arguments as clients list it: types, choices, defaults and descriptions. Limits and patterns are left
 * out, which cost a model a tenth of the list and help it nothing; the call checks them and says what is wrong. So are defaults
 * that say no more than that an argument can be left out, and that names are closed: the call names the one that was meant.
 */
export function listedInput(input: z.ZodObject): Record<string, unknown> {
  const {
    $schema: _,
    additionalProperties: __,
    ...schema
  } = z.toJSONSchema(input, {
    io: 'input',
    override: ({ jsonSchema }) => {
      for (const limit of LIMITS) delete jsonSchema[limit]
      if (EMPTY.has(JSON.stringify(jsonSchema.default))) delete jsonSchema.default
    },
  })
  return schema
}

const LIMITS = [
  'pattern',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'exclusiveMinimum',
] as const
const EMPTY: ReadonlySet<string | undefined> = new Set(['false', '""', '[]', '{}'])

/** The schema of a tool's answers as clients list it. */
export function listedOutput(output: z.ZodObject): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(output, {
    io: 'output',
    override: ({ jsonSchema }) => dropNumberRange(jsonSchema),
  })
  return schema
}

/** Bounds that say no more than how a number is stored. */
const STORED: readonly (number | undefined)[] = [
  -(2 ** 31),
  2 ** 31 - 1,
  Number.MIN_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER,
]

function dropNumberRange(schema: { minimum?: number | undefined; maximum?: number | undefined }): void {
  for (const bound of ['minimum', 'maximum'] as const) if (STORED.includes(schema[bound])) delete schema[bound]
}
