import { join } from 'node:path'
import type { Command } from 'commander'
import { SpekiError } from '../errors.ts'
import type { WithSession } from './session.ts'

/** Commands around the workspace: serve it, look after it, connect clients to it. */
export function serviceCommands(program: Command, withSession: WithSession): void {
  program
    .command('mcp')
    .description('Serve one MCP client over stdio')
    .option('--toolsets <names>', 'only these, separated by commas')
    .option('--read-only', 'only tools that change nothing')
    .action(async ({ toolsets, readOnly }: { toolsets?: string; readOnly?: boolean }) => {
      // Reached where another flag stands before the word; `speki mcp` itself starts without the command library.
      const { serveMcp } = await import('./mcp.ts')
      const { db, project, as } = program.opts<{ db?: string; project?: string; as?: string }>()
      const flags = { db, project, as, toolsets }
      const given = Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]))
      await serveMcp([...given, ...(readOnly === true ? ['--read-only'] : [])])
    })

  program
    .command('serve')
    .description('Serve MCP clients over HTTP on this machine only')
    .option('--port <number>', 'port; 0 takes a free one', '7331')
    .option('--toolsets <names>', 'only these, separated by commas')
    .option('--read-only', 'only tools that change nothing')
    .action((options: { port: string; toolsets?: string; readOnly?: boolean }) =>
      withSession(async ({ config, runtime, signal }) => {
        const { chooseTools, serverFactory } = await import('../mcp/server.ts')
        const { createHttpHandler } = await import('../mcp/http-handler.ts')
        const { startHttpServer } = await import('../http/server.ts')
        const { openToken } = await import('../http/token.ts')
        const readOnly = options.readOnly ?? false
        const tools = chooseTools({ toolsets: options.toolsets?.split(','), readOnly })
        const handler = createHttpHandler(serverFactory({ runtime, tools, readOnly }))
        const token = await openToken(join(config.home, 'serve-token'))
        const server = await startHttpServer({ handler, host: '127.0.0.1', port: Number(options.port), token })
        process.stderr.write(
          `speki listening on ${server.url}\nClients send "Authorization: Bearer TOKEN" with the token in ${token.file}\n`,
        )
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
        await server.close()
      }),
    )

  program
    .command('doctor')
    .description('Look whether everything SPEKI needs is here, and whether the database is whole')
    .action(() =>
      withSession(async ({ config, runtime, caller, signal, answer }) => {
        const { examine } = await import('./doctor/doctor.ts')
        const findings = await examine(config, runtime, caller, signal)
        answer({ healthy: findings.every((finding) => finding.state !== 'failed'), findings })
        if (findings.some((finding) => finding.state === 'failed')) process.exitCode = 1
      }),
    )

  program
    .command('backup <file>')
    .description('Copy the database while it is in use')
    .action((file: string) =>
      withSession(async ({ config, answer }) => {
        refuseServer(config.databaseUrl)
        const { backupSqlite } = await import('../store/backup.ts')
        await backupSqlite(config.databaseFile, file)
        answer({ backup: file, of: config.databaseFile })
      }),
    )

  program
    .command('restore <file>')
    .description('Put a backup in place of the database; the present one is kept beside it')
    .action((file: string) =>
      withSession(async ({ config, answer }) => {
        refuseServer(config.databaseUrl)
        const { restoreSqlite } = await import('../store/backup.ts')
        const { kept } = await restoreSqlite(file, config.databaseFile, Date.now())
        answer({ restored: config.databaseFile, from: file, kept })
      }),
    )

  program
    .command('demo')
    .description('Play the whole lifecycle on three throw-away repositories')
    .option('--keep', 'keep its folder')
    .action(async (options: { keep?: boolean }) => {
      const { playDemo } = await import('../demo/play.ts')
      const held = await playDemo({ keep: options.keep ?? false, write: (text) => process.stdout.write(text) })
      if (!held) process.exitCode = 1
    })

  program
    .command('demo-agent', { hidden: true })
    .description('The agent of the demo: plays a script')
    .action(async () => {
      const { playAgent } = await import('../demo/agent.ts')
      await playAgent((text) => process.stdout.write(`${text}\n`))
    })

  program
    .command('demo-worker <name> <database> <repository> <prd>', { hidden: true })
    .description('One worker process of the demo')
    .action(async (name: string, database: string, repository: string, prd: string) => {
      const { work } = await import('../demo/worker.ts')
      await work(name, database, repository, prd, (text) => process.stdout.write(`${text}\n`))
    })
}

function refuseServer(url: string | undefined): void {
  if (url !== undefined)
    throw new SpekiError('precondition_failed', 'This workspace lies in PostgreSQL.', {
      hint: 'Use pg_dump and pg_restore.',
    })
}
