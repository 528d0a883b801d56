import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { Caller } from '../../schemas/actor.ts'
import type { Service } from '../domain/service.ts'
import { SpekiError } from '../errors.ts'
import { listRepositories } from '../store/repositories.ts'

/**
 * The real path of what a caller names, relative to the project folder. People go where they like; an agent stays
 * inside the project and the registered repositories. What is not there yet is judged by the folder it would lie in.
 */
export async function allowedPath(service: Service, caller: Caller, project: string, path: string): Promise<string> {
  const real = await realOf(resolve(project, path))
  if (caller.actor.kind === 'person') return real
  const roots = (await service.database.read(listRepositories)).flatMap(({ root }) => root ?? [])
  const folders = [await realOf(project), ...roots]
  if (folders.some((folder) => real === folder || real.startsWith(folder.endsWith(sep) ? folder : folder + sep)))
    return real
  throw new SpekiError('forbidden', `${path} lies outside the project folder and the registered repositories.`, {
    hint: 'Register the repository it lies in with repository_register, or ask a person to run it: speki import, speki export.',
  })
}

async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const above = dirname(path)
    if (above === path) throw error
    return join(await realOf(above), basename(path))
  }
}
