import { access, constants, stat } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { childEnvironment } from '../config.ts'
import { ifUnreadable } from '../expected.ts'

/**
 * The file that starts under this name, looked for as a shell does: on the path, or from the folder where the name holds a
 * slash. Undefined where nothing does. Nothing is run.
 */
export async function findProgram(name: string, folder: string): Promise<string | undefined> {
  const path = childEnvironment()['PATH'] ?? ''
  const endings = process.platform === 'win32' ? ['', '.exe', '.cmd', '.bat'] : ['']
  const places = /[/\\]/.test(name) ? [resolve(folder, name)] : path.split(delimiter).map((at) => join(at, name))
  for (const place of places) for (const ending of endings) if (await isProgram(place + ending)) return place + ending
  return undefined
}

async function isProgram(file: string): Promise<boolean> {
  const found = await stat(file).catch(ifUnreadable(undefined))
  return found?.isFile() === true && (await access(file, constants.X_OK).then(() => true, ifUnreadable(false)))
}
