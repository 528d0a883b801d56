import { z } from 'zod'

/** One object of a client's stream, of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>

const JsonObject = z.record(z.string(), z.unknown())

/** The JSON object a text is; undefined for anything else. */
export function parseObject(text: string): Json | undefined {
  try {
    return JsonObject.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
