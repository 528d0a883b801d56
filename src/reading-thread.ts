import { parentPort } from 'node:worker_threads'
import { SpekiError } from './errors.ts'
import type { ApartReading, ThreadJob, ThreadResult } from './reading/read-apart.ts'

/** A reading whose input only its own caller knows. */
type AnyReading = Pick<ApartReading<never, unknown>, 'name' | 'read'>

/** Every reading there is; those that are asked for most load first. */
const rooms: readonly (() => Promise<readonly AnyReading[]>)[] = [
  async () => Object.values(await import('./reading/readings.ts')),
  async () => [(await import('./domain/plan/drafting.ts')).drafting],
  async () => [(await import('./domain/plan/examining.ts')).examining],
  async () => [(await import('./exchange/format-reading.ts')).formatReading],
]

async function findReading(name: string): Promise<AnyReading> {
  for (const load of rooms) {
    const found = (await load()).find((entry) => entry.name === name)
    if (found !== undefined) return found
  }
  throw new SpekiError('internal', `No reading of texts is called ${name}.`)
}

function resultOf(reading: AnyReading, input: never): ThreadResult<unknown> {
  try {
    return { value: reading.read(input) }
  } catch (error) {
    if (!(error instanceof SpekiError)) throw error
    return { refused: error.asData() }
  }
}

// One at a time, from `read-apart.ts` alone, which gives each reading its own input. What else fails ends the thread.
parentPort?.on('message', async ({ name, input }: ThreadJob<never>) => {
  parentPort?.postMessage(resultOf(await findReading(name), input))
})
