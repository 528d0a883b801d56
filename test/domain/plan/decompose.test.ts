import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PlanDraft } from '../../../schemas/plan.ts'
import { scheduleOf } from '../../../src/domain/plan/schedule.ts'
import { submitPlan } from '../../../src/domain/plan/submit.ts'
import { techSpecPacket } from '../../../src/domain/plan/tech-spec-packet.ts'
import { editPrd } from '../../../src/domain/prd/edit.ts'
import { createPrd } from '../../../src/domain/prd/prd.ts'
import type { Service } from '../../../src/domain/service.ts'
import { readTask } from '../../../src/domain/task/read.ts'
import { runs } from '../../property-runs.ts'
import { agent, draft, person, workspace } from './workspace.ts'

async function draftOf(
  body: string,
  repositories: readonly string[] = ['api'],
  kind: 'prd' | 'tech_spec' | 'bug' = 'prd',
  parent?: number,
): Promise<{ service: Service; draft: PlanDraft; prd: string }> {
  const service = await workspace(Object.fromEntries(repositories.map((name) => [name, {}])))
  const { prd } = await createPrd(service, person, { title: 'A PRD', kind, body, repositories, parent })
  return { service, prd: prd.id, draft: await draft(service, prd.id) }
}

const titled = (...requirements: readonly string[]) => `# Shop\n\n## Requirements\n\n${requirements.join('\n\n')}\n`

describe('a draft', () => {
  it('cuts a PRD into stories in the words of the persona', async () => {
    const { draft } = await draftOf(
      titled(
        '### US-1: Basket\n\nAs a guest, I want to fill a basket, so that I can pay once.\n\nAcceptance criteria:\n- Given a basket, when 2 items are put in, then it holds 2',
      ),
    )
    expect(draft.tasks).toMatchObject([
      {
        ref: 'US-001',
        title: 'As a guest, I want to fill a basket, so that I can pay once',
        test_cases: ['it holds 2 when 2 items are put in (given a basket)'],
      },
    ])
    expect(draft.tasks[0]?.context).not.toHaveProperty('files')
  })

  it('cuts a tech spec into tasks that say where, with tests named for code', async () => {
    const { draft } = await draftOf(
      titled(
        '### R1: Store the basket\n\nThe service shall keep baskets in src/basket/store.ts.\n\nAcceptance criteria:\n- Given a basket, when it is saved, then it can be read back',
      ),
      ['api'],
      'tech_spec',
    )
    expect(draft.tasks).toMatchObject([
      {
        ref: 'TS-001',
        title: 'Store the basket (src/basket/store.ts)',
        test_cases: ['StoreBasket_Saved_CanBeReadBack'],
        context: { files: ['src/basket/store.ts'] },
      },
    ])
  })

  it('goes on with the numbers the workspace has', async () => {
    const { service, draft: first, prd } = await draftOf(titled('### FR-1: A\n\nThe page shall list 20 orders.'))
    await submitPlan(service, agent, { prd, baseRevision: 1, tasks: first.tasks, dryRun: false })
    const { prd: other } = await createPrd(service, person, {
      title: 'B',
      kind: 'prd',
      body: titled('### FR-1: B\n\nThe page shall list 30 parcels.'),
      repositories: ['api'],
    })
    expect((await draft(service, other.id)).tasks.map(({ ref }) => ref)).toEqual(['US-002'])
  })

  it('hands contracts to the tasks that use them', async () => {
    const body = `${titled('### FR-1: Place\n\nThe service shall answer `POST /orders` with 201. [repo: api]', '### FR-2: Show\n\nThe page shall list 20 parcels. [repo: api]')}
## Data contracts

### POST /orders

\`\`\`json
{ "item": 7 }
\`\`\`
`
    const { draft } = await draftOf(body)
    expect(draft.tasks[0]?.context.contracts).toEqual(['POST /orders:\n{ "item": 7 }'])
    expect(draft.tasks[0]?.acceptance_criteria.at(-1)).toBe(
      'What is sent and stored matches the contract "POST /orders" (lines 17-19).',
    )
    expect(draft.tasks[1]?.context.contracts).toBeUndefined()
  })

  it.each([
    ['an endpoint', 'The service shall expose `POST /orders`.', 'The page shall call `POST /orders`.'],
    ['an event', 'The service shall publish order.created to the bus.', 'The page shall subscribe to order.created.'],
    ['a type', 'The service shall define OrderPlaced.', 'The page shall show OrderPlaced.'],
    ['a table', 'The service shall create the table orders_log.', 'The page shall read the table orders_log.'],
  ])('puts who makes %s before who uses it, in whatever order they stand', async (_, makes, uses) => {
    const { draft } = await draftOf(
      titled(`### FR-1: Use\n\n${uses} [repo: a-web]`, `### FR-2: Make\n\n${makes} [repo: z-api]`),
      ['a-web', 'z-api'],
    )
    const of = (repository: string) => draft.tasks.find((task) => task.repository === repository)
    expect(of('a-web')?.depends_on).toEqual([of('z-api')?.ref])
    expect(of('z-api')?.depends_on).toEqual([])
  })

  it('asks where nothing says who makes what two repositories share', async () => {
    const { draft } = await draftOf(
      titled(
        '### FR-1: A\n\nOrderPlaced has a total of 2 digits. [repo: a-web]',
        '### FR-2: B\n\nOrderPlaced has an id of 8 letters. [repo: z-api]',
      ),
      ['a-web', 'z-api'],
    )
    expect(draft.questions.join()).toContain('Which task makes "OrderPlaced"')
  })

  it('takes a stub out again', async () => {
    const { draft } = await draftOf(
      titled('### FR-1: Pay\n\nThe service shall answer from a stub of the bank within 2 seconds.'),
    )
    expect(draft.tasks.map(({ ref, title, depends_on }) => [ref, title.slice(0, 15), depends_on])).toEqual([
      ['US-001', 'Pay', []],
      ['US-002', 'Remove the stub', ['US-001']],
    ])
  })

  it('makes one task of two requirements that ask for nearly the same', async () => {
    const { draft } = await draftOf(
      titled(
        '### FR-1: List orders\n\nThe page shall list open orders by date and shop.',
        '### FR-2: List orders\n\nThe page shall list all open orders by date and by shop.',
        '### FR-3: List parcels\n\nThe page shall list lost parcels by weight.',
      ),
    )
    expect(draft.tasks.map(({ requirements }) => requirements)).toEqual([['FR-1', 'FR-2'], ['FR-3']])
  })

  it('shows what can run at once, and the longest chain', async () => {
    const { draft } = await draftOf(
      titled(
        '### FR-1: Make\n\nThe service shall expose `POST /orders`. [repo: z-api]',
        '### FR-2: Use\n\nThe page shall call `POST /orders`. [repo: a-web]',
        '### FR-3: Other\n\nThe page shall print labels. [repo: a-web]',
      ),
      ['a-web', 'z-api'],
    )
    const make = draft.tasks.find(({ title }) => title.startsWith('Make'))?.ref
    const use = draft.tasks.find(({ title }) => title.startsWith('Use'))?.ref
    expect(draft.waves).toHaveLength(2)
    expect(draft.waves[1]).toEqual([use])
    expect(draft.critical_path).toEqual([make, use])
  })
})

describe('an open question', () => {
  const body = titled(
    '### FR-1: Keep\n\nThe service shall keep orders for [NEEDS CLARIFICATION: how long?] days.',
    '### FR-2: List\n\nThe page shall list 20 orders.',
  )

  it('blocks the task it touches and no other, until the text answers it', async () => {
    const { service, draft: drafted, prd } = await draftOf(body)
    expect(drafted.tasks[0]?.context.notes).toBe('Waits for an answer: open question, line 7: how long?')
    const { ready } = await submitPlan(service, agent, { prd, baseRevision: 1, tasks: drafted.tasks, dryRun: false })
    expect(ready).toBe(1)
    const status = async (id: number) => (await readTask(service, person, id)).task.status
    expect([await status(1), await status(2)]).toEqual(['blocked', 'todo'])
    const outcome = await editPrd(
      service,
      person,
      1,
      1,
      { replacements: [{ old: '[NEEDS CLARIFICATION: how long?]', new: '30' }] },
      'answered',
    )
    expect(outcome.requirements.answered).toEqual([1])
    expect(await status(1)).toBe('todo')
  })

  it('lets the dry run show that the rest can begin', async () => {
    const { service, draft: drafted, prd } = await draftOf(body)
    expect(
      await submitPlan(service, agent, { prd, baseRevision: 1, tasks: drafted.tasks, dryRun: true }),
    ).toMatchObject({ ready: 1, waves: [2] })
  })
})

describe('a tech spec below a PRD', () => {
  it('realises requirements of the PRD, and its stories wait for these tasks', async () => {
    const {
      service,
      draft: stories,
      prd,
    } = await draftOf(titled('### FR-1: Pay\n\nThe guest shall pay by card within 5 seconds.'))
    await submitPlan(service, agent, { prd, baseRevision: 1, tasks: stories.tasks, dryRun: false })
    const { prd: spec } = await createPrd(service, person, {
      title: 'How',
      kind: 'tech_spec',
      body: titled('### R1: Charge\n\nThe service shall charge the card in src/pay.ts.'),
      repositories: ['api'],
      parent: 1,
    })
    const { tasks } = await draft(service, spec.id)
    const [task] = tasks
    if (task === undefined) throw new Error('a task')
    await submitPlan(service, agent, {
      prd: spec.id,
      baseRevision: 1,
      tasks: [{ ...task, requirements: [...task.requirements, 'FR-1'] }],
      dryRun: false,
    })
    const story = await readTask(service, person, 1)
    expect(story.task).toMatchObject({ dependsOn: ['TASK-2'], ready: false })
    expect((await readTask(service, person, 2)).task.requirements).toEqual(['REQ-1', 'REQ-2'])
  })

  it('is written from a packet of the chosen stories', async () => {
    const body = `${titled('### FR-1: Pay\n\nThe guest shall pay by card within 5 seconds.', '### FR-2: Print\n\nThe till shall print a receipt.')}\n## Constraints\n\n- At most 2 euros a month\n`
    const { service, draft: drafted } = await draftOf(body)
    const packet = await techSpecPacket(service, person, drafted, ['FR-2'])
    expect(packet.draft.requirements.map(({ label }) => label)).toEqual(['FR-2'])
    expect(packet.draft.tasks).toEqual([])
    expect(packet.constraints).toEqual(['line 15: At most 2 euros a month'])
    await expect(techSpecPacket(service, person, drafted, ['FR-9'])).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('the schedule', () => {
  it('has each task behind all it waits for, and the critical path is a chain', () => {
    const plans = fc.array(
      fc.tuple(
        fc.constantFrom('low' as const, 'medium' as const, 'high' as const),
        fc.array(fc.nat(30), { maxLength: 4 }),
      ),
      { minLength: 1, maxLength: 30 },
    )
    fc.assert(
      fc.property(plans, (rows) => {
        const tasks = rows.map(([complexity, before], index) => ({
          ref: `T${index}`,
          complexity,
          depends_on: before.filter((other) => other < index).map((other) => `T${other}`),
        }))
        const { waves, criticalPath } = scheduleOf(tasks)
        const waveOf = new Map(waves.flatMap((wave, depth) => wave.map((ref) => [ref, depth] as const)))
        expect(waveOf.size).toBe(tasks.length)
        for (const { ref, depends_on } of tasks)
          for (const other of depends_on) expect(waveOf.get(other)).toBeLessThan(waveOf.get(ref) ?? 0)
        for (const [index, ref] of criticalPath.entries())
          if (index > 0) expect(tasks.find((task) => task.ref === ref)?.depends_on).toContain(criticalPath[index - 1])
      }),
    )
  })
})

describe('a draft after an edit', () => {
  it('keeps every task whose requirements did not change, for random edits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 3, max: 8 }),
        fc.array(fc.record({ at: fc.nat(7), kind: fc.constantFrom('change', 'remove', 'add') }), {
          minLength: 1,
          maxLength: 3,
        }),
        async (count, edits) => {
          const words = [
            'orders',
            'parcels',
            'labels',
            'shops',
            'prices',
            'clerks',
            'drivers',
            'halls',
            'keys',
            'lamps',
            'doors',
          ]
          const piece = (number: number, word: string) =>
            `### FR-${number}: Show ${word}\n\nThe page shall show ${word} of shop ${number} within ${number} seconds.\n\nAcceptance criteria:\n- Given ${number} ${word}, when the page opens, then ${number} rows are shown.`
          const pieces = Array.from({ length: count }, (_, index) => piece(index + 1, words[index] ?? 'orders'))
          const { service, draft: first, prd } = await draftOf(titled(...pieces))
          await submitPlan(service, agent, { prd, baseRevision: 1, tasks: first.tasks, dryRun: false })
          const changed = new Set<number>()
          const after = [...pieces]
          for (const { at, kind } of edits) {
            const place = at % count
            if (kind === 'add') after.push(piece(20 + changed.size + after.length, words[10] ?? ''))
            else {
              changed.add(place)
              after[place] =
                kind === 'remove' ? '' : (after[place] ?? '').replace('the page opens', 'the page opens again')
            }
          }
          const { revision } = await editPrd(
            service,
            person,
            1,
            1,
            { body: titled(...after.filter((text) => text !== '')) },
            'edit',
          )
          const second = await draft(service, prd)
          expect(second).toEqual(await draft(service, prd))
          for (const [index, task] of first.tasks.entries()) {
            if (changed.has(index)) continue
            expect(second.tasks.find(({ ref }) => ref === `TASK-${index + 1}`)).toMatchObject({
              title: task.title,
              acceptance_criteria: task.acceptance_criteria,
              requirements: task.requirements,
            })
          }
          const { cancelled } = await submitPlan(service, agent, {
            prd,
            baseRevision: revision,
            tasks: second.tasks,
            dryRun: true,
          })
          expect(cancelled.every((key) => changed.has(Number(key.slice(5)) - 1))).toBe(true)
        },
      ),
      { numRuns: runs(12) },
    )
  })
})
