import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Bundle } from '../../schemas/bundle.ts'
import { exportBundle } from '../../src/exchange/export.ts'
import { writeJson, writeMarkdown } from '../../src/exchange/formats/speki/write.ts'
import { speki } from '../../src/exchange/formats/speki.ts'
import { person, workspace } from '../domain/plan/workspace.ts'
import { bundle, imported, run } from './bundle.ts'

/** Without what differs from workspace to workspace: keys by their order, counters. */
function comparable({ prds, tasks, knowledge }: Bundle) {
  const names = new Map([
    ...prds.map(({ ref }, index) => [ref, `prd ${index}`] as const),
    ...tasks.map(({ ref }, index) => [ref, `task ${index}`] as const),
    ...knowledge.map(({ ref }, index) => [ref, `knowledge ${index}`] as const),
  ])
  const name = (ref: string | undefined) => (ref === undefined ? undefined : names.get(ref))
  return {
    prds: prds.map(({ revision: _, version: __, ...rest }) => ({
      ...rest,
      ref: name(rest.ref),
      parent: name(rest.parent),
    })),
    tasks: tasks.map(({ revision: _, ...rest }) => ({
      ...rest,
      ref: name(rest.ref),
      prd: name(rest.prd),
      depends_on: rest.depends_on.map(name).toSorted(),
      requirements: rest.requirements.map((label) => label.replace(/^[^#]+(?=#)/, (ref) => name(ref) ?? ref)),
    })),
    knowledge: knowledge.map((rest) => ({ ...rest, ref: name(rest.ref), task: name(rest.task) })),
  }
}

const ways = [
  ['JSON', (what: Bundle) => [{ path: 'speki-export.json', text: writeJson(what) }]],
  ['Markdown', writeMarkdown],
] as const
describe('what SPEKI exports', () => {
  for (const [name, write] of ways) {
    it(`comes back from ${name} as it was`, async () => {
      const first = await workspace({ api: {} })
      await imported(first, bundle())
      const out = await exportBundle(first, person, undefined)
      const back = speki.read(write(out))
      expect(back).toEqual(out)
      const second = await workspace({ api: {} })
      await imported(second, back)
      expect(comparable(await exportBundle(second, person, undefined))).toEqual(comparable(out))
      expect((await run(second, back)).confirm).toBeUndefined()
    })

    it(`changes nothing when ${name} comes back to where it was made`, async () => {
      const service = await workspace({ api: {} })
      await imported(service, bundle())
      const out = await exportBundle(service, person, undefined)
      expect((await run(service, speki.read(write(out)))).plan).toMatchObject({
        newPrds: [],
        newTasks: [],
        changedPrds: [],
        changedTasks: [],
        conflicts: [],
        newKnowledge: [],
      })
    })
  }
})

describe('every format', async () => {
  const { formats } = await import('../../src/exchange/formats/index.ts')
  const { importFrom } = await import('../../src/exchange/import.ts')
  const root = join(import.meta.dirname, 'fixtures')
  const projects = readdirSync(root).flatMap((format) =>
    readdirSync(join(root, format)).map((project) => ({ format, project })),
  )

  it('has a project here', () => {
    const folders = new Set(projects.map(({ format }) => format.replaceAll('-', '_')))
    expect(formats.map(({ name }) => name).filter((name) => name !== 'speki' && !folders.has(name))).toEqual([])
  })

  for (const { format, project } of projects) {
    it(`${format}/${project}: import, export, import is the identity, and a second import brings nothing`, async () => {
      const path = join(root, format, project)
      const signal = AbortSignal.timeout(600_000)
      const first = await workspace({ api: {} })
      const order = {
        path,
        project: path,
        format: formats.find(({ name }) => name === format.replaceAll('-', '_'))?.name,
        repository: 'api',
      }
      const { confirm } = await importFrom(first, person, order, signal)
      await importFrom(first, person, { ...order, confirm }, signal)
      expect((await importFrom(first, person, order, signal)).confirm).toBeUndefined()
      const out = await exportBundle(first, person, undefined)
      for (const [, write] of ways) {
        const second = await workspace({ api: {} })
        await imported(second, speki.read(write(out)))
        expect(comparable(await exportBundle(second, person, undefined))).toEqual(comparable(out))
      }
    })
  }
})
