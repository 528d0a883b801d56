import { CommanderError } from 'commander'
import { exitCodeOf } from './commands/exit-code.ts'

/** The only file that ends the process, and the only writer of stdout outside the protocol. */
async function main(): Promise<void> {
  const argv = process.argv.slice(2)
  try {
    // The server is what starts most often, and its client waits: nothing else loads for it.
    if (argv[0] === 'mcp') {
      const { serveMcp } = await import('./commands/mcp.ts')
      await serveMcp(argv.slice(1))
    } else {
      const { runCommand } = await import('./commands/program.ts')
      await runCommand(argv, (text) => process.stdout.write(`${text}\n`))
    }
    process.exit(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2)
    const { explain } = await import('./commands/explain.ts')
    process.stderr.write(`${explain(error)}\n`)
    process.exit(exitCodeOf(error))
  }
}

await main()
