import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { extractRequirements } from '../../../src/spec/requirement/extract.ts'
import { labelledFixtures } from './labelled-fixtures.ts'

/** What a reader who had not seen the extraction found in a document. */
const Labels = z.object({
  requirements: z.array(z.object({ line: z.int(), text: z.string(), criteria: z.int() })),
  questions: z.array(z.object({ line: z.int() })),
})

interface LabelledDocument {
  readonly file: string
  readonly text: string
  readonly labels: z.infer<typeof Labels>
}

const FIXTURES = new URL('fixtures/', import.meta.url)

/** Folders of documents: a and c are of readers who had not seen the extraction, f of one who had. */
const READERS = ['a', 'b', 'c', 'd', 'e', 'f']

/** Every labelled document. */
export function labelledDocuments(): readonly LabelledDocument[] {
  const read = (file: string) => readFileSync(new URL(file, FIXTURES), 'utf8')
  const byReader = READERS.filter((reader) => existsSync(new URL(`${reader}/`, FIXTURES))).flatMap((reader) =>
    readdirSync(new URL(`${reader}/`, FIXTURES))
      .filter(
        (name) => name.endsWith('.md') && existsSync(new URL(`${reader}/${name.replace(/md$/, 'json')}`, FIXTURES)),
      )
      .sort()
      .map((name) => {
        const file = `${reader}/${name}`
        return { file, text: read(file), labels: Labels.parse(JSON.parse(read(file.replace(/md$/, 'json')))) }
      }),
  )
  const first = labelledFixtures.map(({ file, requirements, questions }) => {
    const text = read(file)
    const lines = text.split('\n')
    const lineOf = (piece: string) => lines.findIndex((line) => line.includes(piece)) + 1
    return {
      file,
      text,
      labels: {
        requirements: requirements.map(([start, piece, criteria]) => ({ line: lineOf(piece), text: start, criteria })),
        questions: questions.map((question) => ({ line: lineOf(question) })),
      },
    }
  })
  return [...first, ...byReader]
}

export interface Score {
  readonly expected: number
  readonly found: number
  readonly right: number
  /** Of the right ones, how many have as many criteria as the reader counted. */
  readonly sameCriteria: number
  readonly questionsExpected: number
  readonly questionsFound: number
  readonly questionsRight: number
  /** What a reader saw and the extraction did not, and the other way round, for people to look at. */
  readonly misses: readonly string[]
}

/** A requirement is found where one begins on the line the reader named. */
export function scoreOf({ file, text, labels }: LabelledDocument): Score {
  const { requirements, questions } = extractRequirements(text)
  const byLine = new Map(requirements.map((requirement) => [requirement.lines.start, requirement]))
  const expectedLines = new Set(labels.requirements.map(({ line }) => line))
  const right = labels.requirements.filter(({ line }) => byLine.has(line))
  const askedLines = new Set(questions.map(({ lines }) => lines.start))
  const lines = text.split('\n')
  return {
    expected: labels.requirements.length,
    found: requirements.length,
    right: right.length,
    sameCriteria: right.filter(({ line, criteria }) => byLine.get(line)?.criteria.length === criteria).length,
    questionsExpected: labels.questions.length,
    questionsFound: askedLines.size,
    questionsRight: labels.questions.filter(({ line }) => askedLines.has(line)).length,
    misses: [
      ...labels.requirements
        .filter(({ line }) => !byLine.has(line))
        .map(({ line }) => `${file}:${line} not found: ${lines[line - 1]?.trim()}`),
      ...requirements
        .filter((requirement) => !expectedLines.has(requirement.lines.start))
        .map(({ lines: { start } }) => `${file}:${start} wrongly found: ${lines[start - 1]?.trim()}`),
      ...right
        .filter(({ line, criteria }) => byLine.get(line)?.criteria.length !== criteria)
        .map(
          ({ line, criteria }) =>
            `${file}:${line} has ${criteria} criteria, found ${byLine.get(line)?.criteria.length}`,
        ),
      ...labels.questions
        .filter(({ line }) => !askedLines.has(line))
        .map(({ line }) => `${file}:${line} question not found: ${lines[line - 1]?.trim()}`),
      ...questions
        .filter((question) => !labels.questions.some(({ line }) => line === question.lines.start))
        .map((question) => `${file}:${question.lines.start} wrongly a question: ${question.text}`),
    ],
  }
}

/** All documents together. */
export function sumOf(scores: readonly Score[]): Score {
  const sum = (key: Exclude<keyof Score, 'misses'>) => scores.reduce((total, score) => total + score[key], 0)
  return {
    expected: sum('expected'),
    found: sum('found'),
    right: sum('right'),
    sameCriteria: sum('sameCriteria'),
    questionsExpected: sum('questionsExpected'),
    questionsFound: sum('questionsFound'),
    questionsRight: sum('questionsRight'),
    misses: scores.flatMap(({ misses }) => misses),
  }
}
