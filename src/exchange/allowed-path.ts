import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { Principal } from '../../schemas/actor.ts'
import { demand } from '../domain/access/can.ts'
import { consult, type Service } from '../domain/service.ts'
import { listRepositories } from '../store/repositories.ts'

/**
 * The real path of what a caller names, relative to the project folder. People go where they like; an agent stays
 * inside the project and the registered repositories. What is not there yet is judged by the folder it would lie in.
 */
export async function allowedPath(service: Service, caller: Principal, project: string, path: string): Promise<string> {
  const real = await realOf(resolve(project, path))
  const roots = (await consult(service, caller, 'repository.read', listRepositories)).flatMap(({ root }) => root ?? [])
  const folders = [await realOf(project), ...roots]
  const inside = folders.some(
    (folder) => real === folder || real.startsWith(folder.endsWith(sep) ? folder : folder + sep),
  )
  if (!inside) demand(caller, 'path.any', { key: path })
  return real
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
