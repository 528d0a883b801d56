/** The only file that ends the process, and the only writer of stdout outside the protocol. */
async function main(): Promise<void> {
  const argv = process.argv.slice(2)
  try {
    // The server is what starts most often, and its client waits: nothing else loads for it.
    if (argv[0] === 'mcp' && !argv.includes('--help') && !argv.includes('-h')) {
      const { serveMcp } = await import('./commands/mcp.ts')
      await serveMcp(argv.slice(1))
    } else {
      const { runCommand } = await import('./commands/run-command.ts')
      await runCommand(argv, (text) => process.stdout.write(`${text}\n`))
    }
    await end(Number(process.exitCode ?? 0))
  } catch (error) {
    const { explain } = await import('./commands/output/explain.ts')
    const { screenOf } = await import('./commands/output/screen.ts')
    const { text, code } = explain(error, screenOf(process.stderr, Date.now()).style)
    if (text !== undefined) process.stderr.write(`${text}\n`)
    await end(code)
  }
}

/** Ends the process when all it wrote is with its reader: what waits in a pipe that is read slowly would be lost. */
async function end(code: number): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    await new Promise((written) => stream.write('', () => written(undefined)))
  process.exit(code)
}

// Whoever read our output has gone, as `head` does: there is nobody left to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exit(1)
})

await main()
