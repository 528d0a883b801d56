import { adversarialTexts } from '../test/growth/adversarial-texts.ts'
import { readings } from '../test/growth/readings.ts'
import { processorTime } from '../test/processor-time.ts'
import { labelledDocuments } from '../test/spec/requirement/measure.ts'
import { type Line, milliseconds } from './statistics.ts'

const CHARACTERS = 200_000
/** Milliseconds of processor time that reading so much of anything may take. */
const MOST = 300
const ROUNDS = 3

/** What reading 200 KB costs each reading at most, over all texts that are hard to read; each text above the aim by name. */
export function benchTexts(): readonly Line[] {
  for (const { make } of adversarialTexts) for (const { read } of readings) read(make(1000))
  return readings.flatMap(({ name, texts = 1, read }) => {
    const all = hardTexts(Math.floor(CHARACTERS / texts)).map((text) => ({
      name: text.name,
      ms: leastTime(() => read(text.body())),
    }))
    all.sort((a, b) => b.ms - a.ms)
    const [worst] = all
    return [
      { what: `${name}, worst of ${all.length}`, value: `${milliseconds(worst?.ms ?? 0)} ms`, aim: worst?.name ?? '' },
      ...all
        .filter(({ ms }) => ms > MOST)
        .map((text) => ({ what: `  over ${MOST} ms`, value: `${milliseconds(text.ms)} ms`, aim: text.name })),
    ]
  })
}

function hardTexts(characters: number) {
  return [
    ...adversarialTexts.map(({ name, make }) => ({ name, body: () => make(characters) })),
    { name: '4,000 requirements', body: () => requirements().slice(0, characters) },
    { name: 'headings alone', body: () => `# T\n${'## a\n'.repeat(24_000)}`.slice(0, characters) },
    { name: 'documents of people', body: () => documents(characters) },
  ]
}

function requirements(): string {
  const items = Array.from({ length: 4000 }, (_, at) => `- FR-${at}: The api shall list order ${at} within ${at} s.\n`)
  return `# Orders\n\n## Requirements\n\n${items.join('')}`
}

function documents(characters: number): string {
  const all = labelledDocuments().map(({ text }) => text.replace(/^---\n[\s\S]*?\n---\n/, ''))
  let text = ''
  for (let at = 0; text.length < characters; at++) text += all[at % all.length]
  return text.slice(0, characters)
}

/** Of several where one is too much: what else the machine does slows memory down, for which processor time is no remedy. */
function leastTime(read: () => unknown): number {
  let least = processorTime(read).ms
  for (let round = 1; round < ROUNDS && least > MOST; round++) least = Math.min(least, processorTime(read).ms)
  return least
}
