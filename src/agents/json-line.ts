import { z } from 'zod'
import { tryParse } from '../expected.ts'

/** One object of a client's stream, of which nothing is known yet. */
export type Json = Readonly<Record<string, unknown>>

const JsonObject = z.record(z.string(), z.unknown())

/** The JSON object a text is; undefined for anything else. */
export function parseObject(text: string): Json | undefined {
  return JsonObject.safeParse(tryParse(() => JSON.parse(text))).data
}
