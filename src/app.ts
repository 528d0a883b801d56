import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type Config, namedVariables, readClientPlaces, workspaceVariables } from './config.ts'
import { clientSession, isClientGone, isOver, processSession } from './domain/access/session.ts'
import type { RepositoryProbe } from './domain/repository/repository.ts'
import type { Service } from './domain/service.ts'
import { ifMissing } from './expected.ts'
import { configureLog } from './log.ts'
import { makeFolder } from './make-folder.ts'
import type { Runtime } from './operations/runtime.ts'

/** Puts the parts together: the only file that knows every concrete one. Nothing loads before it is used. */
export function createRuntime(config: Config): Runtime {
  configureLog(config.log)
  let opening: Promise<Service> | undefined
  let closing: Promise<void> | undefined
  /** Once in a process: what an older version left open to other users is closed. */
  const closeEvidence = async () => {
    const { keepForOwner } = await import('./execution/owner-only.ts')
    closing ??= keepForOwner(join(config.executionFolder, 'evidence'))
    await closing
  }
  const session = processSession(hostname(), process.pid, randomUUID())
  const open = () => {
    opening ??= openService(config).catch((error: unknown) => {
      // A later call may find the cause mended.
      opening = undefined
      throw error
    })
    return opening
  }
  return {
    open,
    probe,
    async execution() {
      const { createAgent } = await import('./agents/registry.ts')
      await closeEvidence()
      return {
        service: await open(),
        folder: await realPlace(config.executionFolder),
        createAgent: ({ agent, command }) => createAgent(agent, command),
        variables: namedVariables,
        codeHostOf: async (remote) => await (await import('../connectors/registry.ts')).codeHostOf(remote),
        keptOut: async (client) => {
          const { keptOut } = await import('./setup/kept-out.ts')
          return await keptOut(client, config, readClientPlaces(config, {}))
        },
        ownPlaces: {
          hidden: [
            config.home,
            config.executionFolder,
            ...['', '-wal', '-shm'].map((end) => config.databaseFile + end),
          ],
          readable: [config.packageRoot, process.execPath],
        },
        server: { name: 'speki', ...selfCommand(config, ['mcp', '--read-only']), env: {} },
      }
    },
    async startWorker() {
      const { startDetached } = await import('./process/start-detached.ts')
      const { command, args } = selfCommand(config, ['worker', '--until-idle'])
      makeFolder(config.executionFolder, 0o700)
      await startDetached(command, args, join(config.executionFolder, 'worker.log'), workspaceVariables(config))
    },
    packageRoot: config.packageRoot,
    project: config.project,
    version: readVersion(config.packageRoot),
    user: config.user,
    agent: config.agent,
    session,
    async clientSession() {
      const { startOf } = await import('./process/process-list.ts')
      return clientSession(session, startOf(process.pid) ?? '')
    },
    async close() {
      // Who asked for it was told why it did not open.
      const [opened] = await Promise.allSettled([opening])
      if (opened.status === 'fulfilled') await opened.value?.database.close()
    },
  }
}

/** Where links lead: git tells places so, and they are compared. The place itself need not be there yet. */
async function realPlace(path: string): Promise<string> {
  const parent = dirname(path)
  makeFolder(parent)
  return (await realpath(path).catch(ifMissing(undefined))) ?? join(await realpath(parent), basename(path))
}

/** This program again, on the same workspace. */
function selfCommand(config: Config, args: readonly string[]): { command: string; args: string[] } {
  const database = config.databaseUrl === undefined ? ['--db', config.databaseFile] : []
  return { command: process.execPath, args: [config.program, ...args, ...database] }
}

async function openService(config: Config): Promise<Service> {
  const { openDatabase } = await import('./store/open.ts')
  const database = await openDatabase(
    config.databaseUrl === undefined ? { file: config.databaseFile } : { url: config.databaseUrl },
  )
  const { isAlive, startOf } = await import('./process/process-list.ts')
  const here = { host: hostname(), isAlive, startOf }
  return {
    database,
    now: Date.now,
    isOver: (session) => isOver(session, here),
    isClientGone: (session) => isClientGone(session, here),
  }
}

const probe: RepositoryProbe = {
  async inspect(path, subpath, signal) {
    const { inspectRepository } = await import('./validation/inspect.ts')
    return await inspectRepository(path, subpath, signal)
  },
  async checkRemoteUrl(url) {
    const { checkRemoteUrl } = await import('./git/remote-url.ts')
    return checkRemoteUrl(url)
  },
  async health(repository, signal) {
    const { repositoryHealth } = await import('./git/health.ts')
    return await repositoryHealth(repository, signal)
  },
  async map(repository, signal) {
    const { mapRepository } = await import('./context/repository-map.ts')
    return repository.root === undefined ? undefined : await mapRepository(repository.root, repository.subpath, signal)
  },
}

function readVersion(packageRoot: string): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
  return version
}
