import { expect, test } from 'vitest'
import { adversarialTexts } from './adversarial-texts.ts'
import { growthFault } from './growth.ts'
import { readings } from './readings.ts'

test('there are at least 200 texts', () => {
  expect(adversarialTexts.length).toBeGreaterThanOrEqual(200)
})

test('a reading that compares each heading with each is found out', () => {
  const fault = growthFault({
    name: 'planted',
    read: (text) => {
      const headings = text.split('\n').filter((line) => line.startsWith('## '))
      return headings.reduce((alike, a) => alike + headings.filter((b) => b > a).length, 0)
    },
  })
  expect(fault).toContain('headings')
})

test('a reading that does much for each line, and no more for many, is not', () => {
  const fault = growthFault({
    name: 'sound',
    read: (text) => text.split('\n').map((line) => [...line].map((character) => character.toLowerCase()).sort()),
  })
  expect(fault).toBeUndefined()
})

test.each(readings)('$name: four times the text costs at most six times the work', (reading) => {
  expect(growthFault(reading)).toBeUndefined()
})
