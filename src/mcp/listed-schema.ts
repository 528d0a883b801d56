import { z } from 'zod'

/**
 * The schema of a tool's arguments as clients list it: types, choices, defaults and descriptions. Lengths and patterns are
 * left out, which cost a model a tenth of the list and help it nothing; the call checks them and says what is wrong.
 */
export function listedInput(input: z.ZodObject): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(input, {
    io: 'input',
    override: ({ jsonSchema }) => {
      for (const limit of ['pattern', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const)
        delete jsonSchema[limit]
    },
  })
  return schema
}
