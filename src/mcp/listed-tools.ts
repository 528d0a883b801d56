import { operations } from '../operations/index.ts'
import type { Effect, Operation } from '../operations/operation.ts'
import { listedInput, listedOutput } from './listed-schema.ts'

/** A tool as clients see it. */
export interface ListedTool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly toolset: string
  readonly effect: Effect
  readonly alwaysLoad: boolean
  readonly inputSchema: Record<string, unknown>
  readonly outputSchema: Record<string, unknown>
}

/** The build (build.ts) puts the value in the place of this module, so that a server starts without building any schema. */
export const listedTools: readonly ListedTool[] = operations.map(listedTool)

function listedTool(tool: Operation): ListedTool {
  const { name, title, description, toolset, effect, alwaysLoad = false } = tool
  return {
    name,
    title,
    description,
    toolset,
    effect,
    alwaysLoad,
    inputSchema: listedInput(tool.input),
    outputSchema: listedOutput(tool.output),
  }
}
