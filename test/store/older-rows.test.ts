import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findRun } from '../../src/store/run/runs.ts'
import { useTemporary } from './temporary.ts'

const temporary = useTemporary()

const OPTIONS = {
  agent: 'claude',
  command: [],
  parallel: 1,
  attempts: 3,
  budget: { minutes: 30 },
  testFirst: false,
  deliver: 'none',
  variables: [],
}

/** Reads a run that another version stored. */
async function readStored(options: string) {
  const database = await temporary.open({ file: join(temporary.folder(), 'speki.db') })
  await database.write(async ({ sql }) => {
    await sql
      .insertInto('change_set')
      .values({ title: 'Old', state: 'open', detail: '{}', created_at: 1, updated_at: 1 } as never)
      .execute()
    await sql
      .insertInto('run')
      .values({
        title: 'Old',
        state: 'succeeded',
        wanted: 'run',
        options,
        checks: '[]',
        change_set_id: 1,
        actor: JSON.stringify({ kind: 'person', name: 'ann' }),
        created_at: 1,
      } as never)
      .execute()
  })
  return await database.read(async (reader) => await findRun(reader, 1))
}

test.each([
  ['none', undefined, []],
  ['one', 'codex', ['codex']],
  ['several', ['codex', 'claude:opus'], ['codex', 'claude:opus']],
])('a run of before there were several fallbacks is read: %s', async (_, fallback, read) => {
  expect((await readStored(JSON.stringify({ ...OPTIONS, fallback })))?.options.fallback).toEqual(read)
})

test.each([
  [
    'a field of another kind',
    JSON.stringify({ ...OPTIONS, fallback: [], parallel: 'many' }),
    /cannot read: parallel: /,
  ],
  ['a field that is missing', JSON.stringify({ fallback: [] }), /cannot read: agent: /],
  ['no JSON', '{', /cannot read: it is no JSON/],
])(
  'what this version cannot read is told as that, not as a mistake of whoever asks: %s',
  async (_, options, message) => {
    await expect(readStored(options)).rejects.toMatchObject({
      code: 'precondition_failed',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/update SPEKI.*speki doctor/),
    })
  },
)
