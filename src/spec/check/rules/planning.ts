import { type Hit, type Rule, wholeLine } from '../rule.ts'
import { firstLine } from './structure.ts'

/** Lines in which the next name of a list is looked for. */
const NAME_WITHIN = 100

export const planningRules: readonly Rule[] = [
  {
    id: 'question.open',
    severity: 'error',
    asks: 'No question is open.',
    find: (specification) =>
      specification.extraction.questions.map(({ text, lines }) => ({
        place: {
          ...wholeLine(specification, lines.start),
          endLine: lines.end,
          endColumn: (specification.lines[lines.end - 1] ?? '').trimEnd().length + 1,
        },
        message: `Open question: ${text.length > 160 ? `${text.slice(0, 159)}…` : text} Answer it in the text; until then what it touches waits.`,
      })),
  },
  {
    id: 'template.left',
    severity: 'error',
    asks: 'Nothing of a template is left.',
    find: ({ lines, prose }) =>
      lines.flatMap((line, index): Hit[] => {
        // In code and comments such marks are meant.
        if (!/[{[<]|lorem/i.test(line) || prose[index]?.trim() === '') return []
        const own = line.replace(/`[^`]*`/g, (code) => ' '.repeat(code.length))
        return [...own.matchAll(TEMPLATE)].map((match) => ({
          place: {
            line: index + 1,
            column: match.index + 1,
            endLine: index + 1,
            endColumn: match.index + match[0].length + 1,
          },
          message: `"${match[0].slice(0, 60)}" is left from a template. Fill it in.`,
        }))
      }),
  },
  {
    id: 'repository.none',
    severity: 'error',
    asks: 'It says which repositories it touches.',
    find: (specification, { assigned }) =>
      assigned.length > 0
        ? []
        : [
            {
              place: wholeLine(specification, firstLine(specification)),
              message: 'The PRD names no repository. Add those it touches.',
            },
          ],
  },
  {
    id: 'repository.unknown',
    severity: 'error',
    asks: 'Repositories it names are registered.',
    find(specification, { repositories }) {
      const listed = specification.extraction.frontMatter['repositories']
      let at = Math.max(
        0,
        specification.lines.findIndex((text) => text.includes('repositories')),
      )
      return (Array.isArray(listed) ? listed : []).flatMap((name): Hit[] => {
        if (typeof name !== 'string' || repositories.has(name.toLowerCase())) return []
        // Names stand in the order in which they are listed; one that is written in another way has the place before it.
        const next = specification.lines.slice(at, at + NAME_WITHIN).findIndex((text) => text.includes(name))
        at += Math.max(0, next)
        return [
          {
            place: wholeLine(specification, at + 1),
            message: `The front matter names the repository "${name}", which is not registered. Register it first.`,
          },
        ]
      })
    },
  },
]

const TEMPLATE =
  /\{\{[\w .-]{1,60}\}\}|\blorem ipsum\b|\[(?:insert|describe|your|enter|fill in|add|e\.g\.)\b[^\]]{0,120}\](?!\()|<(?:insert|your|describe|enter|fill in|placeholder)\b[^>]{0,80}>|<[a-z]{2,15}(?: [a-z]{2,15}){1,5}>|\[(?:FEATURE|PROJECT|COMPONENT|ENTITY|TITLE|BRIEF|NAME|DATE|ACTION|PERSONA|METRIC)(?:[ _-][A-Z]+)*\](?!\()/gi
