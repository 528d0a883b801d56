import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { personPrincipal } from '../src/domain/access/principals.ts'
import { overrideCompletion } from '../src/domain/task/complete.ts'
import { listedTools } from '../src/mcp/listed-tools.ts'
import { extractRequirements } from '../src/spec/requirement/extract.ts'
import { openDatabase } from '../src/store/open.ts'
import { startServer } from './server.ts'
import { type Line, median, milliseconds } from './statistics.ts'
import { seed } from './workload.ts'

/** Single heavy operations, and what the tool list costs a model. */
export async function benchSingle(folder: string): Promise<readonly Line[]> {
  return [
    {
      what: 'close a task with 1,000 dependents',
      value: `${milliseconds(await closeHub(folder))} ms`,
      aim: 'aim 50 ms',
    },
    { what: 'plan_submit of 500 tasks', value: `${milliseconds(await submitPlan(folder))} ms`, aim: '' },
    ...extraction(),
    ...tokens(),
  ]
}

async function closeHub(folder: string): Promise<number> {
  const file = join(folder, 'hub.db')
  await seed(file, 10_000)
  const database = await openDatabase({ file })
  const service = { database, now: Date.now }
  const person = personPrincipal('bench', randomUUID())
  const samples: number[] = []
  for (const hub of [1, 2, 5, 7, 10]) {
    await database.write(async (tx) => {
      await tx.sql.deleteFrom('task_dependency').where('depends_on', '=', hub).execute()
      const dependents = Array.from({ length: 1000 }, (_, index) => 2001 + index * 3).filter((id) => id % 3 !== 0)
      const more = Array.from({ length: 1000 - dependents.length }, (_, index) => 5002 + index * 3)
      for (const id of [...dependents, ...more])
        await tx.sql
          .insertInto('task_dependency')
          .values({ task_id: id, depends_on: hub })
          .onConflict((c) => c.doNothing())
          .execute()
      await tx.sql
        .updateTable('task')
        .set((eb) => ({ waiting_on: eb('waiting_on', '+', 1) }))
        .where('id', 'in', (eb) => eb.selectFrom('task_dependency').select('task_id').where('depends_on', '=', hub))
        .execute()
    })
    const started = performance.now()
    await overrideCompletion(service, person, hub, 'bench')
    samples.push(performance.now() - started)
  }
  await database.close()
  return median(samples)
}

async function submitPlan(folder: string): Promise<number> {
  const file = join(folder, 'plan.db')
  await seed(file, 0)
  const server = await startServer(file)
  const requirements = Array.from(
    { length: 500 },
    (_, index) =>
      `### FR-${index + 1}: Part ${index + 1}\n\nThe system shall answer ${index + 1}.\n\nAcceptance criteria:\n- The answer is ${index + 1}.\n`,
  )
  const repositories = Array.from({ length: 20 }, (_, index) => `repository-${index}`)
  const { output } = await server.call('prd_create', {
    title: 'Big',
    body: `# Big\n\n## Requirements\n\n${requirements.join('\n')}`,
    repositories,
  })
  const tasks = requirements.map((_, index) => ({
    ref: `T${index + 1}`,
    title: `Build part number ${index + 1} of ${(index * 7919) % 10007}`,
    repository: `repository-${index % 20}`,
    acceptance_criteria: [`The answer is ${index + 1}.`],
    requirements: [`FR-${index + 1}`],
    depends_on: index >= 20 ? [`T${index - 19}`] : [],
  }))
  const { ms } = await server.call('plan_submit', { prd: output['id'], base_revision: 1, tasks })
  await server.close()
  return ms
}

function extraction(): readonly Line[] {
  const unit = `### FR-$N: Import of suppliers\n\nThe system shall import the price list of a supplier within 10 seconds, and tell which lines failed.\n\nAcceptance criteria:\n- Given a list of 100 lines, when line 7 is broken, then 99 lines are stored and line 7 is named.\n- Given no list, when the import starts, then an error names the missing file.\n\nSome prose that explains why suppliers send what they send, and what was tried before.\n\n`
  const text = (bytes: number) => {
    const parts = ['# Suppliers\n\n## Requirements\n\n']
    for (let size = 0, n = 1; size < bytes; n += 1) {
      const part = unit.replace('$N', String(n))
      parts.push(part)
      size += part.length
    }
    return parts.join('')
  }
  return [
    ['200 KB', text(200_000), 'aim 100 ms'],
    ['1 MB', text(1_000_000), ''],
  ].map(([size, body = '', aim = '']) => {
    const samples = Array.from({ length: 5 }, () => {
      const started = performance.now()
      extractRequirements(body)
      return performance.now() - started
    })
    return { what: `extract requirements from ${size}`, value: `${milliseconds(median(samples))} ms`, aim }
  })
}

/** As clients get the list. */
function tokens(): readonly Line[] {
  const cost = (chosen: typeof listedTools) =>
    chosen.reduce((sum, { name, title, description, inputSchema }) => {
      return sum + Buffer.byteLength(JSON.stringify({ name, title, description, inputSchema }))
    }, 0) / 4
  return [
    {
      what: `tool list, all ${listedTools.length}`,
      value: `${Math.round(cost(listedTools))} tokens`,
      aim: 'aim 8,000',
    },
    {
      what: 'tool list, work loop',
      value: `${Math.round(cost(listedTools.filter((tool) => tool.alwaysLoad)))} tokens`,
      aim: 'aim 2,500',
    },
  ]
}
