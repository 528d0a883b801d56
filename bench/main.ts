import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchExecution } from './execution.ts'
import { benchRun } from './run.ts'
import { benchSingle } from './single.ts'
import { benchSpecs } from './specs.ts'
import { benchStart } from './start.ts'
import { printTable } from './statistics.ts'
import { benchTexts } from './texts.ts'
import { benchWorkload } from './workload.ts'

/** Prints what things cost on this machine, all in one run. Numbers are medians (and 95th percentiles) over stdio. */
const folder = await mkdtemp(join(tmpdir(), 'speki-bench-'))
try {
  console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`)
  printTable('Cold start, median of 15', await benchStart(folder))
  for (const tasks of [1000, 10_000, 100_000]) {
    printTable(
      `${tasks.toLocaleString('en')} tasks over 20 repositories, median / p95 of a call over stdio`,
      await benchWorkload(folder, tasks),
    )
  }
  printTable('Single operations', await benchSingle(folder))
  printTable('Specifications', await benchSpecs(folder))
  printTable('200 KB of what is hard to read, processor time', benchTexts())
  printTable('Worktrees and checkpoints', await benchExecution(folder))
  printTable('A run of tasks in which nobody thinks and nothing is checked', await benchRun(folder))
} finally {
  await rm(folder, { recursive: true, force: true })
}
