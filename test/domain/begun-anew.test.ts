import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { acceptOne, checkPrd } from '../../src/domain/check/check-prd.ts'
import { editPrd } from '../../src/domain/prd/edit.ts'
import { createPrd, updatePrdRecord } from '../../src/domain/prd/prd.ts'
import { applySplit, previewSplit } from '../../src/domain/prd/split.ts'
import { type Service, transact } from '../../src/domain/service.ts'
import { importFrom } from '../../src/exchange/import.ts'
import type { Database, Tx } from '../../src/store/database.ts'
import { listEvents } from '../../src/store/events.ts'
import { temporaryFolder } from '../mcp/connect.ts'
import { bodyOf, draft, person, prdOf, submit, workspace } from './plan/workspace.ts'

class Again extends Error {}

/** Each transaction is worked through, rolled back and begun anew, as where a large text had to be read first. */
function beginningAnew(database: Database): Database {
  const rolledBack = async <T>(work: (tx: Tx) => Promise<T>): Promise<void> => {
    const first = database.write(async (tx) => {
      await work(tx)
      throw new Again()
    })
    await first.catch((error: unknown) => {
      if (!(error instanceof Again)) throw error
    })
  }
  return {
    location: database.location,
    dialect: database.dialect,
    read: async (work) => {
      await database.read(work)
      return await database.read(work)
    },
    write: async (work, options) => {
      await rolledBack(work)
      return await database.write(work, options)
    },
    watch: (changed) => database.watch(changed),
    close: async () => await database.close(),
  }
}

/** All that may begin anew, and what came of it. */
async function history(service: Service, project: string): Promise<unknown> {
  const answers: unknown[] = []
  const note = <T>(answer: T): T => {
    answers.push(answer)
    return answer
  }
  const order = { title: 'Orders', kind: 'prd', body: bodyOf(4), repositories: ['api'] } as const
  const request = { key: 'create-orders', tool: 'prd_create', hash: 'orders' }
  note(await createPrd(service, person, order, request))
  note(await createPrd(service, person, order, request))
  note(await editPrd(service, person, 1, 1, { replacements: [{ old: 'Part 1', new: 'Part one' }] }, 'words'))
  note(await editPrd(service, person, 1, 1, { replacements: [{ old: 'Part 3', new: 'Part three' }] }, 'merged'))
  const { findings } = note(await checkPrd(service, person, 1))
  const [finding] = findings
  if (finding !== undefined) note(await acceptOne(service, person, 1, { finding: finding.id, reason: 'so be it' }))
  note(await updatePrdRecord(service, person, 1, undefined, { state: 'in_review' }))

  const big = await prdOf(service, bodyOf(60), ['api'])
  const proposal = note(await previewSplit(service, person, 2, true))
  note(await applySplit(service, person, 2, proposal?.confirm ?? ''))
  note(big)

  const planned = await prdOf(service, bodyOf(3), ['api'])
  const { tasks } = note(await draft(service, planned))
  note(await submit(service, planned, tasks))

  const folder = { path: project, project, repository: 'api' }
  const signal = AbortSignal.timeout(600_000)
  const { confirm } = note(await importFrom(service, person, folder, signal))
  note(await importFrom(service, person, { ...folder, confirm }, signal))
  const events = await service.database.read((reader) => listEvents(reader, {}, { limit: 1000, newestFirst: false }))
  const changes = events
    .filter(({ type }) => type !== 'repository.registered')
    .map(({ type, subject, revision, payload }) => ({ type, subject, revision, payload }))
  return { answers, changes }
}

test('work that begins anew does nothing twice', async () => {
  const project = await temporaryFolder()
  await mkdir(join(project, 'specs'))
  for (const name of ['a', 'b'])
    await writeFile(join(project, 'specs', `${name}.md`), bodyOf(3).replace('# A PRD', `# Imported ${name}`))
  const worlds = await Promise.all([workspace({ api: {} }), workspace({ api: {} })])
  const [once, anew] = worlds.map(({ database }) => ({ database, now: () => 1_800_000_000_000 }))
  if (once === undefined || anew === undefined) throw new Error('two workspaces')
  const expected = await history(once, project)
  expect(await history({ ...anew, database: beginningAnew(anew.database) }, project)).toEqual(expected)
})

test('an effect outside its transaction would come twice', async () => {
  const { database } = await workspace({})
  let effects = 0
  await transact({ database: beginningAnew(database), now: Date.now }, person, 'prd.create', async () => {
    effects++
  })
  expect(effects).toBe(2)
})
