import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { personPrincipal } from '../src/domain/access/principals.ts'
import { draftPlan } from '../src/domain/plan/draft.ts'
import { createPrd } from '../src/domain/prd/prd.ts'
import { exportBundle } from '../src/exchange/export.ts'
import { writeMarkdown } from '../src/exchange/formats/speki/write.ts'
import { importFrom } from '../src/exchange/import.ts'
import { checkText } from '../src/spec/check/check-text.ts'
import { extractRequirements } from '../src/spec/requirement/extract.ts'
import { cutSplit } from '../src/spec/split/cut.ts'
import { proposeSplit } from '../src/spec/split/propose.ts'
import { openDatabase } from '../src/store/open.ts'
import { labelledDocuments, scoreOf, sumOf } from '../test/spec/requirement/measure.ts'
import { type Line, median, milliseconds } from './statistics.ts'
import { seed } from './workload.ts'

/** How good and how fast specifications are read, and how fast a project moves in. */
export async function benchSpecs(folder: string): Promise<readonly Line[]> {
  return [...quality(), ...reading(), ...(await drafting(folder)), ...(await movingIn(folder))]
}

function quality(): readonly Line[] {
  const documents = labelledDocuments()
  const score = sumOf(documents.map(scoreOf))
  const share = (part: number, whole: number) => (part / whole).toFixed(3)
  return [
    { what: 'labelled documents / requirements', value: `${documents.length} / ${score.expected}`, aim: '' },
    { what: 'extraction, recall', value: share(score.right, score.expected), aim: 'aim 0.97' },
    { what: 'extraction, precision', value: share(score.right, score.found), aim: 'aim 0.97' },
    { what: 'extraction, same number of criteria', value: share(score.sameCriteria, score.right), aim: '' },
    {
      what: 'open questions, recall / precision',
      value: `${share(score.questionsRight, score.questionsExpected)} / ${share(score.questionsRight, score.questionsFound)}`,
      aim: '',
    },
  ]
}

function reading(): readonly Line[] {
  const text = realText(200_000)
  const surroundings = {
    repositories: new Set<string>(),
    assigned: ['api'],
    banned: [],
    hasParent: false,
    hasChildren: false,
  }
  const settings = { severities: {}, banned: [], gates: [], lenses: false }
  const time = (work: () => void) => {
    const samples = Array.from({ length: 21 }, () => {
      const started = performance.now()
      work()
      return performance.now() - started
    })
    return median(samples)
  }
  const extraction = time(() => extractRequirements(text))
  const check = time(() => checkText({ text, kind: 'prd', surroundings, settings }))
  const split = time(() => {
    const proposal = proposeSplit(text)
    if (proposal !== undefined) cutSplit(text, 'Title', proposal, (place) => `PRD-${place}`)
  })
  return [
    { what: 'extract requirements from 200 KB of real prose', value: `${milliseconds(extraction)} ms`, aim: '' },
    {
      what: 'check 200 KB of real prose, extraction and size in it',
      value: `${milliseconds(check)} ms`,
      aim: 'aim 100 ms',
    },
    { what: '  as a multiple of its extraction', value: `${(check / extraction).toFixed(1)}`, aim: '' },
    { what: 'propose and cut a split of 200 KB', value: `${milliseconds(split)} ms`, aim: '' },
  ]
}

/** The labelled documents behind each other, with other ids and words each time round, so that nothing repeats. */
function realText(bytes: number): string {
  const documents = labelledDocuments().map(({ text }) => text.replace(/^---\n[\s\S]*?\n---\n/, ''))
  let all = ''
  for (let round = 0; all.length < bytes; round++) {
    const text = documents[round % documents.length] ?? ''
    const ids = text.replace(
      /\b([A-Z]{2,4})-(\d+)/g,
      (_, family: string, number: string) => `${family}-${round}${number}`,
    )
    const again = round >= documents.length
    all += again ? ids.replace(/\b\w{5,9}\b/g, (word) => word + String.fromCharCode(97 + (round % 26))) : ids
  }
  return all.slice(0, bytes)
}

/** A plan for 300 requirements over 20 repositories that share endpoints, with contracts and a few questions. */
async function drafting(folder: string): Promise<readonly Line[]> {
  const file = join(folder, 'draft.db')
  await seed(file, 0)
  const database = await openDatabase({ file })
  const service = { database, now: Date.now }
  const person = personPrincipal('bench', randomUUID())
  const requirements = Array.from({ length: 300 }, (_, index) => {
    const makes = index % 2 === 0 ? `expose \`GET /part-${index >> 1}\`` : `call \`GET /part-${index >> 1}\``
    return `### FR-${index}: Part ${index} of hall ${(index * 7919) % 997} [repo: repository-${index % 20}]\n\nThe service shall ${makes} for shop ${index} within ${index + 1} ms.\n\nAcceptance criteria:\n- Given shop ${index}, when it asks, then ${index} rows are answered.\n`
  })
  const body = `# Big\n\n## Requirements\n\n${requirements.join('\n')}\n## Open questions\n\n- Who pays for FR-7?\n`
  const repositories = Array.from({ length: 20 }, (_, index) => `repository-${index}`)
  const { prd } = await createPrd(service, person, { title: 'Big', kind: 'prd', body, repositories })
  const samples: number[] = []
  for (let round = 0; round < 5; round++) {
    const started = performance.now()
    await draftPlan(service, person, { prd: prd.id, mapOf: () => undefined })
    samples.push(performance.now() - started)
  }
  await database.close()
  return [
    {
      what: 'draft a plan: 300 requirements, 20 repositories',
      value: `${milliseconds(median(samples))} ms`,
      aim: 'aim 1,000 ms',
    },
  ]
}

async function movingIn(folder: string): Promise<readonly Line[]> {
  const project = join(folder, 'beads')
  await mkdir(join(project, '.beads'), { recursive: true })
  const issue = (id: number) => ({
    id: `bd-${id}`,
    title: `Build part ${id} of the shop`,
    description: `Part ${id} is needed by the people who pack orders in hall ${id % 9}.`,
    status: id % 3 === 0 ? 'closed' : 'open',
    priority: id % 5,
    issue_type: 'task',
    created_at: '2026-01-02T03:04:05Z',
    dependencies: id > 20 ? [{ issue_id: `bd-${id}`, depends_on_id: `bd-${id - 20}`, type: 'blocks' }] : [],
  })
  const lines = Array.from({ length: 10_000 }, (_, index) => JSON.stringify(issue(index + 1)))
  await writeFile(join(project, '.beads', 'issues.jsonl'), `${lines.join('\n')}\n`)
  const file = join(folder, 'import.db')
  await seed(file, 0)
  const database = await openDatabase({ file })
  const service = { database, now: Date.now }
  const person = personPrincipal('bench', randomUUID())
  const signal = AbortSignal.timeout(300_000)
  const order = { path: project, project, repository: 'repository-1' }
  const timed = async <T>(work: () => Promise<T>) => {
    const started = performance.now()
    const result = await work()
    return { result, ms: performance.now() - started }
  }
  const preview = await timed(() => importFrom(service, person, order, signal))
  const done = await timed(() => importFrom(service, person, { ...order, confirm: preview.result.confirm }, signal))
  const again = await timed(() => importFrom(service, person, order, signal))
  const written = await timed(async () => writeMarkdown(await exportBundle(service, person, undefined)))
  await database.close()
  return [
    { what: 'preview an import of 10,000 tasks', value: `${milliseconds(preview.ms)} ms`, aim: 'aim seconds' },
    { what: 'import 10,000 tasks', value: `${milliseconds(done.ms)} ms`, aim: 'aim seconds' },
    { what: 'import them again, unchanged', value: `${milliseconds(again.ms)} ms`, aim: '' },
    { what: 'export them as Markdown', value: `${milliseconds(written.ms)} ms`, aim: '' },
  ]
}
