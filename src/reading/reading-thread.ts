import { parentPort, workerData } from 'node:worker_threads'
import { readings } from './readings.ts'

// From `read-apart.ts` alone, which gives each reading its own input.
const { name, input } = workerData as { readonly name: keyof typeof readings; readonly input: never }
parentPort?.postMessage(readings[name](input))
