import { type RuleExamples, requirement, requirements, section } from './example.ts'

export const planningExamples: readonly RuleExamples[] = [
  {
    rule: 'question.open',
    finds: [
      section('Open questions', '- Who pays?'),
      requirements('- The page shows [NEEDS CLARIFICATION: which?] orders'),
      section('Notes', 'TBD: who pays?'),
    ],
    passes: [
      section('Open questions', 'None'),
      section('Open questions', '- ~~Who pays?~~'),
      section('Notes', 'The clerk asks who pays.'),
    ],
  },
  {
    rule: 'template.left',
    finds: [
      section('Problem', '{{problem}}'),
      requirements('- [Describe the requirement]'),
      section('Notes', 'Lorem ipsum dolor.'),
    ],
    passes: [
      section('Problem', 'The mark `{{name}}` is replaced.'),
      section('Notes', '```\n{{name}}\n```'),
      section('Notes', 'See [your list](list.md).'),
    ],
  },
  {
    rule: 'repository.none',
    around: { assigned: [] },
    finds: ['# Title\n', requirements('- A page.'), requirement('A page.', 'Given 1, when 2, then 3')],
    passes: [],
  },
  {
    rule: 'repository.unknown',
    around: { repositories: new Set(['api', 'web']) },
    finds: [
      '---\nrepositories: [shop]\n---\n# Title\n',
      '---\nrepositories:\n  - api\n  - shop\n---\n# Title\n',
      '---\nrepositories: [API2]\n---\n# Title\n',
    ],
    passes: [
      '---\nrepositories: [api, web]\n---\n# Title\n',
      '---\nrepositories: [API]\n---\n# Title\n',
      '# Title\n\nrepositories: shop\n',
    ],
  },
]

/** Where a document is assigned, nothing is missing. */
export const assignedExamples: RuleExamples = {
  rule: 'repository.none',
  around: { assigned: ['api'] },
  finds: [],
  passes: ['# Title\n', requirements('- A page.'), requirement('A page.', 'Given 1, when 2, then 3')],
}
