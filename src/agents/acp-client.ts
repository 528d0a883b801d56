import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type ClientApp, client, methods, type PermissionOption, RequestError } from '@agentclientprotocol/sdk'
import type { AgentEvent } from '../../schemas/agent.ts'
import { codeOf } from '../expected.ts'
import type { AcpCall, AcpStream } from './acp-stream.ts'
import type { AgentJob } from './agent.ts'
import { type Boundary, createBoundary } from './boundary.ts'

const READING = new Set(['read', 'search', 'fetch', 'think'])
const EDITING = new Set(['edit', 'delete', 'move'])
const PATCHED = /^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+)$/gm

/**
 * Answers what an agent asks of us: whether it may use a tool, and to read and write files. The folder is open to it but
 * for what is protected; a shell line may hide anything, there the caller's diff is the judge.
 */
export function createAcpClient(job: AgentJob, stream: AcpStream, emit: (event: AgentEvent) => void): ClientApp {
  const boundary = createBoundary(job)
  const refuse = (tool: string, reason: string | undefined) => {
    if (reason === undefined) return
    emit({ type: 'denial', tool, reason })
    throw RequestError.invalidParams(undefined, reason)
  }
  return client({ name: 'speki' })
    .onRequest(methods.client.session.requestPermission, ({ params }) => {
      const { call, events } = stream.asked(params.toolCall)
      for (const event of events) emit(event)
      const once = params.options.find(({ kind }) => kind === 'allow_once')
      const reason =
        whyNot(call, boundary) ??
        (once === undefined ? 'SPEKI: it may be allowed once only, which was not offered.' : undefined)
      if (reason !== undefined) emit({ type: 'denial', id: call.id, tool: call.tool, reason })
      const chosen = reason === undefined ? once : refusal(params.options)
      return chosen === undefined
        ? { outcome: { outcome: 'cancelled' } }
        : { outcome: { outcome: 'selected', optionId: chosen.optionId } }
    })
    .onRequest(methods.client.fs.readTextFile, ({ params: { path, line, limit } }) => {
      refuse('fs/read_text_file', boundary.whyNotRead(path))
      const content = readText(resolve(job.folder, path))
      if (typeof line !== 'number' && typeof limit !== 'number') return { content }
      const from = Math.max(0, (line ?? 1) - 1)
      return {
        content: content
          .split('\n')
          .slice(from, from + (limit ?? Number.POSITIVE_INFINITY))
          .join('\n'),
      }
    })
    .onRequest(methods.client.fs.writeTextFile, ({ params: { path, content } }) => {
      refuse('fs/write_text_file', boundary.whyNotChange(path))
      const file = resolve(job.folder, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
      emit({ type: 'file_change', path })
      return {}
    })
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === '') throw error
    throw RequestError.resourceNotFound(path)
  }
}

/** Why a tool may not be used so; undefined: it may. */
function whyNot({ kind, input, paths }: AcpCall, boundary: Boundary): string | undefined {
  const named = [...paths, ...pathsIn(input, EDITING.has(kind))]
  if (READING.has(kind)) return first(named, boundary.whyNotRead)
  if (EDITING.has(kind) && named.length === 0) return 'SPEKI: it was not said which file is to be changed.'
  return (
    first(named, kind === 'execute' ? boundary.whyNotRead : boundary.whyNotChange) ??
    first(patchedIn(input), boundary.whyNotChange)
  )
}

/** Paths that a tool's input names by the usual words; `path` alone may mean anything but in an edit. */
function pathsIn(input: AcpCall['input'], editing: boolean): readonly string[] {
  const names = ['file_path', 'notebook_path', ...(editing ? ['path', 'abs_path'] : [])]
  return names.flatMap((name) => {
    const value = input[name]
    return typeof value === 'string' ? [value] : []
  })
}

function patchedIn(input: AcpCall['input']): readonly string[] {
  const texts = Object.values(input)
    .flat()
    .filter((value) => typeof value === 'string')
  return texts.flatMap((text) => [...text.matchAll(PATCHED)].flatMap(([, path]) => path?.trim() ?? []))
}

function first(paths: readonly string[], why: (path: string) => string | undefined): string | undefined {
  return paths.map(why).find((reason) => reason !== undefined)
}

function refusal(options: readonly PermissionOption[]): PermissionOption | undefined {
  return options.find(({ kind }) => kind === 'reject_once') ?? options.find(({ kind }) => kind === 'reject_always')
}
