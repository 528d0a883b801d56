import type { Part } from '../part.ts'
import { partsOf } from '../part.ts'
import type { SpecificationHeading } from '../passage.ts'
import { type Rule, whole, wholeLine } from '../rule.ts'
import { firstOfEach, search } from '../search.ts'
import { fencesIn, type Specification } from '../specification.ts'
import { firstLine } from './structure.ts'

/** Sections whose own title promises contracts; one inside another counts with it. */
function contractSections(specification: Specification): readonly SpecificationHeading[] {
  const found: SpecificationHeading[] = []
  for (const heading of specification.headings) {
    if (heading.level === 1 || heading.parts.includes('requirements') || !partsOf(heading.title).includes('contracts'))
      continue
    if (partsOf(heading.title).some((part) => NO_CONTRACT.includes(part))) continue
    const outer = found.at(-1)
    if (outer === undefined || heading.line > outer.last) found.push(heading)
  }
  return found.filter(({ empty }) => !empty)
}

const NO_CONTRACT: readonly Part[] = ['failures', 'tests', 'metrics', 'rollout', 'constraints', 'aside', 'flows']

function keysOf(lines: readonly string[]): readonly string[] {
  return [
    ...new Set(
      lines.flatMap((line) => [...line.matchAll(/"([A-Za-z_$][\w$-]{0,60})"\s*:/g)].map((match) => match[1] ?? '')),
    ),
  ]
}

/** Every word that stands outside code blocks. */
function wordsOutside({ lines, fences }: Specification): ReadonlySet<string> {
  const words = new Set<string>()
  const fenced = new Set<number>()
  for (const { start, end } of fences) for (let line = start; line <= end; line++) fenced.add(line)
  for (const [index, line] of lines.entries()) {
    if (fenced.has(index + 1)) continue
    for (const word of line.match(/[\w$-]+/g) ?? []) words.add(word)
  }
  return words
}

/** Tools and patterns: how, not what. */
const TECHNOLOGY =
  /\b(?:Redis|Kafka|RabbitMQ|PostgreSQL|Postgres|MySQL|MongoDB|DynamoDB|Elasticsearch|React|Angular|Vue(?:\.js)?|Spring Boot|Django|Rails|Express\.js|Kubernetes|Docker|microservices?|singleton|factory (?:class|pattern)|repository pattern|ORM|foreign keys?|stored procedures?|database (?:table|column|index)|cron ?job|(?:Java|Python|TypeScript) class|hash ?map|GraphQL resolver|middleware|Lambda function)\b/g

export const contractRules: readonly Rule[] = [
  {
    id: 'contract.no-example',
    severity: 'warning',
    kinds: ['prd', 'tech_spec'],
    asks: 'A data contract has an example.',
    find: (specification) =>
      contractSections(specification)
        .filter(({ line, last }) => fencesIn(specification, line, last).length === 0)
        .filter(
          ({ line, last }) =>
            !specification.lines
              .slice(line, last)
              .some((text) => /`[^`{(]*[{(][^`]*`|\b(?:GET|POST|PUT|PATCH|DELETE) \//.test(text)),
        )
        .map(({ line, title }) => ({
          place: wholeLine(specification, line),
          message: `"${title}" shows no example, so two builders will build two formats. Add a payload or a signature in a code block.`,
        })),
  },
  {
    id: 'contract.undescribed',
    severity: 'info',
    kinds: ['prd', 'tech_spec'],
    asks: 'Fields of an example are explained.',
    find(specification) {
      const sections = contractSections(specification)
      const explained = sections.length === 0 ? new Set<string>() : wordsOutside(specification)
      return sections.flatMap((heading) =>
        fencesIn(specification, heading.line, heading.last)
          .filter(({ language }) => /^(?:json|json5|jsonc|)$/.test(language))
          .flatMap((fence) => {
            const keys = keysOf(specification.lines.slice(fence.start, fence.end - 1))
            const unknown = keys.filter((key) => !explained.has(key))
            if (keys.length < 2 || unknown.length === 0) return []
            return [
              {
                place: wholeLine(specification, fence.start),
                message: `Nothing explains ${unknown.slice(0, 5).join(', ')}${unknown.length > 5 ? ' …' : ''}. Add a table: field, meaning, required, allowed values.`,
              },
            ]
          }),
      )
    },
  },
  {
    id: 'design.in-prd',
    severity: 'info',
    kinds: ['prd'],
    asks: 'A PRD says what, a tech spec says how.',
    find: (specification) =>
      firstOfEach(search(specification.statements, TECHNOLOGY)).map(({ text, place }) => ({
        place,
        message: `"${text}" is design: it binds the builders without saying what is needed. Say what must hold, and leave this to the tech spec.`,
      })),
  },
  {
    id: 'rollout.unasked',
    severity: 'info',
    kinds: ['prd'],
    asks: 'Migration and compatibility are there only where a goal asks for them.',
    find(specification) {
      const wanted = [
        ...specification.of('goals'),
        ...specification.of('problem'),
        ...specification.of('constraints'),
      ].some(({ raw }) =>
        /\b(?:migrat\w*|existing (?:data|users?|customers?|records?|shops?|clients?|orders?)|legacy|compatib\w*|cut[- ]?over|old (?:system|version|data)|keeps? working)\b/i.test(
          raw,
        ),
      )
      if (wanted) return []
      return specification.headings
        .filter(
          ({ title, parts }) =>
            !parts.includes('requirements') &&
            /\bmigration\b|\bbackwards?[- ]compatib|\btransition(?:al)?\b|\blegacy\b/i.test(title),
        )
        .map(({ line, title }) => ({
          place: wholeLine(specification, line),
          message: `"${title}" is planned, and no goal asks for it. Make it a goal with its limits, or leave it out.`,
        }))
    },
  },
  {
    id: 'tech.no-path',
    severity: 'warning',
    kinds: ['tech_spec'],
    fromWords: 150,
    asks: 'A tech spec names the files it touches.',
    find: (specification) =>
      /(?<![\w@-])[\w@-]+\/[\w./@-]*\w|(?<![\w-])[\w-]+\.(?:ts|tsx|js|jsx|mjs|py|go|rs|java|kt|cs|rb|php|sql|ya?ml|json|toml|proto|tf|sh|swift|c|cpp|h|vue|svelte|graphql)\b/.test(
        specification.text.replace(/https?:\/\/\S+/g, ''),
      )
        ? []
        : [
            {
              place: wholeLine(specification, firstLine(specification)),
              message:
                'No file or folder is named, so nobody knows where to begin. Name what is created and what is changed, with paths.',
            },
          ],
  },
  {
    id: 'tech.stub',
    severity: 'warning',
    kinds: ['tech_spec'],
    asks: 'What is put in for the time being is taken out again.',
    find(specification) {
      const removed = specification.passages.some(
        ({ raw }) =>
          /\b(?:remov\w*|replac\w*|delet\w*|drop(?:s|ped)?|retir\w*|tak(?:es?|en) out)\b/i.test(raw) && STUB.test(raw),
      )
      if (removed) return []
      const passages = specification.passages.filter(
        ({ parts }) => !parts.some((part) => part === 'tests' || part === 'non_goals' || part === 'aside'),
      )
      return firstOfEach(search(passages, STUBS)).map(({ text, place }) => ({
        place,
        message: `"${text}" is for the time being, and nothing says what removes it. Add the step that does, and what triggers it.`,
      }))
    },
  },
  {
    id: 'bug.no-regression',
    severity: 'warning',
    kinds: ['bug'],
    fromWords: 60,
    asks: 'A bug report says which test shows that it is mended.',
    find(specification) {
      const shown =
        specification.passages.some(
          ({ raw, parts }) => !parts.includes('steps') && /\b(?:regression|tests?|tested|criteri\w+)\b/i.test(raw),
        ) || specification.headings.some(({ parts }) => parts.includes('tests') || parts.includes('done'))
      if (shown) return []
      const [expected] = specification.of('expected')
      return [
        {
          place: expected === undefined ? wholeLine(specification, firstLine(specification)) : whole(expected),
          message:
            'Nothing shows that the defect is mended and stays so. Add "## Acceptance criteria" with the regression test: given, when, then.',
        },
      ]
    },
  },
]

const STUB =
  /\b(?:stub(?:s|bed)?|mock(?:ed)? (?:endpoint|response|data|service|client|answer)s?|placeholder (?:endpoint|response|data|value|implementation|service)s?|temporary|temporarily|shim|hard[- ]?coded for now|for now|until (?:then|the real))\b/i
const STUBS = new RegExp(STUB, 'gi')
