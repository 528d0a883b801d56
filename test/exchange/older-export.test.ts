import { expect, test } from 'vitest'
import { writeJson, writeMarkdown } from '../../src/exchange/formats/speki/write.ts'
import { speki } from '../../src/exchange/formats/speki.ts'
import { bundle } from './bundle.ts'

const written = bundle({ format: 'speki', workspace: 'w' })

test('criteria under the name of older exports are read, from Markdown and from JSON', () => {
  const older = (text: string) => text.replace(/\bacceptance_criteria\b/g, 'criteria')
  const folder = writeMarkdown(written).map(({ path, text }) => ({ path, text: older(text) }))
  const file = { path: 'speki-export.json', text: older(writeJson(written)) }
  expect(folder.some(({ text }) => /^criteria:/m.test(text))).toBe(true)
  for (const files of [folder, [file]])
    expect(speki.read(files).tasks.map((task) => task.acceptance_criteria)).toEqual(
      written.tasks.map((task) => task.acceptance_criteria),
    )
})

test('where both names stand, the present one holds', () => {
  const tasks = written.tasks.map((task) => ({ ...task, criteria: ['of before'] }))
  const read = speki.read([{ path: 'speki-export.json', text: JSON.stringify({ ...written, tasks }) }])
  expect(read.tasks[0]?.acceptance_criteria).toEqual(written.tasks[0]?.acceptance_criteria)
})
