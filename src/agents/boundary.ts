import { realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, matchesGlob, relative, resolve, sep } from 'node:path'
import { codeOf, UNREADABLE } from '../expected.ts'
import type { AgentJob } from './agent.ts'

/** What a client that asks may do with a path. */
export interface Boundary {
  /** Why it may not be read; undefined: it may. */
  whyNotRead(path: string): string | undefined
  /** Why it may not be changed; undefined: it may. */
  whyNotChange(path: string): string | undefined
}

/** Inside the folder, and what is protected there only to be read. Links count for where they lead. */
export function createBoundary({ folder, protectedPaths }: Pick<AgentJob, 'folder' | 'protectedPaths'>): Boundary {
  const inside = (path: string) =>
    relative(realOf(folder), realOf(resolve(folder, path)))
      .split(sep)
      .join('/')
  const whyNotRead = (path: string) => {
    const place = inside(path)
    return place === '..' || place.startsWith('../') || isAbsolute(place)
      ? `SPEKI: ${path} lies outside the folder of the task.`
      : undefined
  }
  return {
    whyNotRead,
    whyNotChange(path) {
      const place = inside(path)
      const glob = protectedPaths.find(
        (each) => place === each || place.startsWith(`${each}/`) || matchesGlob(place, each),
      )
      return glob === undefined
        ? whyNotRead(path)
        : `SPEKI: ${place} is protected (${glob}) and must stay as it is. Do the work without changing it.`
    },
  }
}

/** Where a path really leads, though its end may not exist. */
function realOf(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if (!UNREADABLE.includes(codeOf(error))) throw error
    return dirname(path) === path ? path : join(realOf(dirname(path)), basename(path))
  }
}
