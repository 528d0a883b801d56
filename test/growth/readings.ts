import { changedLines, unifiedDiff } from '../../src/documents/diff.ts'
import { merge3 } from '../../src/documents/merge.ts'
import { listSections } from '../../src/documents/sections.ts'
import { checkText as checkStored } from '../../src/documents/text.ts'
import { drafting } from '../../src/domain/plan/drafting.ts'
import { findDuplicates } from '../../src/domain/plan/duplicates.ts'
import { evidenceFinder } from '../../src/domain/plan/evidence.ts'
import { examining } from '../../src/domain/plan/examining.ts'
import { placeRequirements } from '../../src/domain/plan/place.ts'
import { matchRequirements } from '../../src/domain/requirement/match.ts'
import { SpekiError } from '../../src/errors.ts'
import type { Format } from '../../src/exchange/format.ts'
import { formats } from '../../src/exchange/formats/index.ts'
import { checkTampering, suppressionTampering } from '../../src/execution/judge/gate/check-tampering.ts'
import { codeOf, languageOf } from '../../src/execution/judge/gate/languages.ts'
import { testTampering } from '../../src/execution/judge/gate/test-tampering.ts'
import { refuseControlCharacters } from '../../src/operations/arguments.ts'
import { asIs, createCutter, excerpt, plain } from '../../src/operations/text.ts'
import { planText } from '../../src/reading/readings.ts'
import { createBlackout } from '../../src/redaction/blackout.ts'
import { redact } from '../../src/redaction/redact.ts'
import { checkText } from '../../src/spec/check/check-text.ts'
import { extractRequirements } from '../../src/spec/requirement/extract.ts'
import { readTags, withoutTags } from '../../src/spec/requirement/tags.ts'
import { cutSplit } from '../../src/spec/split/cut.ts'
import { proposeSplit } from '../../src/spec/split/propose.ts'
import { hiddenIn, visible, withoutTerminalCommands } from '../../src/visible.ts'

/** A function of ours that reads a text from outside. */
export interface Reading {
  readonly name: string
  /** How many texts as long as the given one it reads; one where nothing is said. */
  readonly texts?: number
  readonly read: (text: string) => unknown
}

const surroundings = {
  repositories: new Set(['api']),
  assigned: ['api'],
  banned: ['simple'],
  hasParent: false,
  hasChildren: false,
}
const settings = { severities: {}, banned: ['simple'], gates: [], lenses: false }
const repositories = ['api', 'web'].map((name) => ({
  name,
  packages: [{ name: `@shop/${name}`, dependencies: [] }],
  map: undefined,
}))
const find = evidenceFinder(repositories)

/** Drafts the plan of a text, and submits what was drafted. */
function planned(text: string): unknown {
  const read = planText.read({ text, kind: 'prd' })
  const requirements = read.extraction.requirements.map((each, at) => ({ ...each, id: at + 1, prdId: 1 }))
  const names = repositories.map(({ name }) => name)
  const context = {
    prdId: 1,
    repositories: names,
    prdRepositories: names,
    requirements,
    parentRequirements: [],
    tasks: [],
    edges: [],
  }
  const { tasks } = drafting.read({
    prd: { id: 1, kind: 'prd', revision: 1 },
    state: { context, requirements, tasks: new Map(), repositoryIds: new Map(), stories: [] },
    text: read,
    repositories: repositories.map(({ name, map }) => ({ name, map, facts: { packages: [] } })),
    firstNumber: 1,
  })
  return examining.read({ context, tasks })
}

/** Both sides of a change: every seventh line differs. */
function edited(text: string, word: string): string {
  return text
    .split('\n')
    .map((line, index) => (index % 7 === word.length ? `${line} ${word}` : line))
    .join('\n')
}

const asJson = (text: string): Record<string, string> => ({
  id: 'a',
  title: text.slice(0, 200),
  name: text,
  description: text,
  details: text,
  notes: text,
  acceptance_criteria: text,
})
const asTask = (text: string): string =>
  `---\nid: task-1\ntitle: A\n---\n\n## Acceptance Criteria\n\n${text}\n\n## Notes\n\n${text}\n`
const asText = (text: string): string => text

/** What a project of each tool looks like, with the text where people write. */
const FILES: Readonly<Record<string, Readonly<Record<string, (text: string) => string>>>> = {
  backlog_md: {
    'backlog/tasks/task-1 - A.md': asTask,
    'backlog/tasks/task-2 - B.md': asText,
    'backlog/docs/a.md': asText,
    'backlog/decisions/decision-1 - A.md': asTask,
  },
  beads: { '.beads/issues.jsonl': (text) => JSON.stringify({ ...asJson(text), status: 'open', issue_type: 'task' }) },
  markdown: { 'a.md': asText, 'b.md': asText },
  openspec: {
    'openspec/changes/a/proposal.md': asText,
    'openspec/changes/a/tasks.md': asText,
    'openspec/changes/a/design.md': asText,
    'openspec/changes/a/specs/a/spec.md': asText,
    'openspec/specs/a/spec.md': asText,
  },
  qala: {
    '.speki/specs/active/20260101-101010-a.prd.md': asText,
    'specs/active/20260101-101010-a.prd.md': asText,
    '.speki/task-queue.json': () => '[]',
    '.speki/progress.txt': asText,
  },
  shrimp: {
    'data/tasks.json': (text) =>
      JSON.stringify({
        tasks: [
          {
            ...asJson(text),
            status: 'pending',
            implementationGuide: text,
            verificationCriteria: text,
            dependencies: [],
            relatedFiles: [],
          },
        ],
      }),
  },
  spec_kit: {
    'specs/001-a/spec.md': asText,
    'specs/001-a/tasks.md': asText,
    'specs/001-a/plan.md': asText,
    '.specify/memory/constitution.md': asText,
  },
  speki: { 'speki.json': () => '{"format":"speki"}', 'PRD-1.md': asText },
  task_master: {
    '.taskmaster/tasks/tasks.json': (text) =>
      JSON.stringify({
        master: {
          tasks: [{ ...asJson(text), id: 1, status: 'pending', testStrategy: text, dependencies: [], subtasks: [] }],
        },
      }),
    '.taskmaster/docs/prd.txt': asText,
  },
}

function imported(format: Format, text: string): unknown {
  const files = FILES[format.name] ?? {}
  const claimed = format.claims(Object.keys(files)).map((path) => ({ path, text: files[path]?.(text) ?? '' }))
  return unlessRefused(() => format.read(claimed))
}

/** A text that is refused was read as well. */
function unlessRefused(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (error instanceof SpekiError) return error.code
    throw error
  }
}

const CODE = [
  'a.test.ts',
  'a_test.py',
  'src/a.rs',
  'a_test.go',
  'ATest.java',
  'a_spec.rb',
  'tests/a.php',
  'a_test.c',
  'tests/a.cs',
]

function judged(path: string, before: string, after: string): unknown {
  const language = languageOf(path)
  return [
    testTampering(path, before, after),
    suppressionTampering(path, before, after),
    language && codeOf(language, after),
  ]
}

export const readings: readonly Reading[] = [
  { name: 'extract', read: extractRequirements },
  ...(['prd', 'tech_spec', 'bug'] as const).map((kind) => ({
    name: `check of a ${kind}`,
    read: (text: string) => checkText({ text, kind, surroundings, settings }),
  })),
  {
    name: 'split',
    read: (text) => {
      const proposal = proposeSplit(text)
      return proposal && cutSplit(text, 'T', proposal, (place) => `PRD-${place + 2}`)
    },
  },
  { name: 'sections', read: listSections },
  {
    name: 'diff',
    read: (text) => [unifiedDiff(text, edited(text, 'b'), ['a', 'b']), changedLines(text, edited(text, 'b'))],
  },
  { name: 'merge', read: (text) => merge3(text, edited(text, 'me'), edited(text, 'you')) },
  {
    name: 'merge of one edit each in every line',
    read: (text) => merge3(text, text.replaceAll('a', 'b'), text.replaceAll('a', 'c')),
  },
  { name: 'stored text', read: (text) => unlessRefused(() => checkStored(text)) },
  {
    name: 'requirements found again',
    texts: 2,
    read: (text) => {
      const { requirements } = extractRequirements(text)
      const later = extractRequirements(edited(text, 'b')).requirements
      return matchRequirements(
        requirements.map((each, at) => ({ ...each, id: String(at) })),
        later,
      )
    },
  },
  { name: 'tags', read: (text) => [readTags(text, ['api', 'web']), withoutTags(text)] },
  { name: 'evidence', read: (text) => find(text) },
  {
    name: 'places',
    read: (text) => {
      const { requirements, frontMatter } = extractRequirements(text)
      return placeRequirements({
        requirements: requirements.map((each, at) => ({ ...each, id: String(at), name: `R${at}` })),
        repositories,
        frontMatter,
      })
    },
  },
  { name: 'plan', read: planned },
  {
    name: 'duplicates',
    read: (text) => findDuplicates(text.split('\n').map((title) => ({ title, repository: 'api', requirements: [1] }))),
  },
  { name: 'redact', read: redact },
  { name: 'blackout', read: createBlackout(Array.from({ length: 30 }, (_, at) => `a(${at}A: 1,000 FR-${at} ms é`)) },
  { name: 'visible', read: (text) => [visible(text), hiddenIn(text), withoutTerminalCommands(text)] },
  {
    name: 'gate of code',
    texts: CODE.length,
    read: (text) => CODE.map((path) => judged(path, text, edited(text, 'b'))),
  },
  {
    name: 'gate of checks',
    read: (text) =>
      ['package.json', 'pyproject.toml', 'Cargo.toml', 'pom.xml', 'a.csproj', 'build.gradle', '.gitattributes'].map(
        (path) => checkTampering(path, text, edited(text, 'b')),
      ),
  },
  ...formats.map((format) => ({
    name: `import of ${format.name}`,
    texts: Object.keys(FILES[format.name] ?? {}).length,
    read: (text: string) => imported(format, text),
  })),
  {
    name: 'answer',
    read: (text) => [
      plain(text),
      excerpt(text, 4000),
      createCutter().text('text', text, text.length - 1, 'more'),
      createCutter().list('lines', text.split('\n'), { chars: text.length }, 'more', asIs),
      unlessRefused(() => refuseControlCharacters({ text, lines: text.split('\n') })),
    ],
  },
]
