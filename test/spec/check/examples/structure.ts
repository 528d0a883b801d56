import { type RuleExamples, requirement, requirements, section } from './example.ts'

const REQUIRED = '\n## Requirements\n\n- FR-1: The page shall list 20 orders.\n'

/** Missing, empty, and somewhere else; there, there under another name, there as a keyed line. */
function demanded(
  rule: string,
  title: string,
  other: string,
  body: string,
  words: number,
  more: Partial<RuleExamples> = {},
): RuleExamples {
  return {
    rule: `structure.${rule}`,
    words,
    finds: [
      `# Title\n${REQUIRED}`,
      `# Title\n\n## ${title}\n${REQUIRED}`,
      `# Title\n\n## Glossary\n\n- ${title}: a word\n${REQUIRED}`,
    ],
    passes: [
      `# Title\n\n## ${title}\n\n${body}\n${REQUIRED}`,
      `# Title\n\n### 3. ${other}\n\n${body}\n${REQUIRED}`,
      `# Title\n\n**${title}**\n\n${body}\n${REQUIRED}`,
    ],
    ...more,
  }
}

export const structureExamples: readonly RuleExamples[] = [
  demanded('problem', 'Problem', 'Background', 'Clerks lose 2 hours a day.', 160),
  {
    // What hurts today may stand where the text opens.
    rule: 'structure.problem',
    words: 160,
    finds: [
      `# Title\n\n## Summary\n\nA list of 20 orders is shown to managers.\n${REQUIRED}`,
      `# Title\n\n## Overview\n\nClerks copy orders by hand.\n${REQUIRED}`,
      `# Title\n\n## Rollout\n\nClerks lose 2 hours a day.\n${REQUIRED}`,
    ],
    passes: [
      `# Title\n\n## Summary\n\nClerks copy orders by hand, 40 minutes a week.\n${REQUIRED}`,
      `# Title\n\nClerks lose 2 hours a day.\n${REQUIRED}`,
      `# Title\n\n## 1. Executive summary\n\nOne in five totals is wrong, because clerks retype them.\n${REQUIRED}`,
    ],
  },
  demanded('goals', 'Goals', 'Objectives', '- 20 orders an hour', 160),
  demanded('non-goals', 'Non-goals', 'Out of scope', '- Printing', 260),
  demanded('personas', 'Personas', 'Target users', '- Clerk: wants to close orders, but waits', 610),
  demanded('boundary', 'System boundary', 'Responsibilities', '- Owns the list', 1210, {
    around: { assigned: ['a', 'b'] },
  }),
  demanded('flows', 'Flows', 'User journeys', '1. The clerk opens the list', 610),
  demanded('constraints', 'Constraints', 'Assumptions and limits', '- Costs at most 5 euros', 610),
  demanded(
    'failure-modes',
    'Failure cases',
    'Edge cases',
    '- No network: the list stays, the clerk sees since when',
    410,
  ),
  demanded('metrics', 'Metrics', 'Success indicators', '- Orders an hour: 20', 610),
  demanded('done', 'Definition of done', 'Acceptance checklist', '- [ ] 20 orders are listed', 1210),
  demanded('approach', 'Approach', 'Design', 'A list in `src/list.ts`.', 160, { kind: 'tech_spec' }),
  demanded('interfaces', 'Interfaces', 'API', '`GET /orders` answers 20.', 160, { kind: 'tech_spec' }),
  demanded('errors', 'Errors', 'Edge cases', '- No network: answers 503, the list stays', 210, { kind: 'tech_spec' }),
  demanded('tests', 'Tests', 'Verification', '- `list_20Orders_listed`', 160, { kind: 'tech_spec' }),
  demanded('steps', 'Steps to reproduce', 'How to reproduce', '1. Open the list', 0, { kind: 'bug' }),
  demanded('expected', 'Expected behaviour', 'Expected result', '20 orders.', 0, { kind: 'bug' }),
  demanded('actual', 'Actual behaviour', 'Observed', '19 orders.', 0, { kind: 'bug' }),
  demanded('environment', 'Environment', 'Affected versions', 'Version 2.1.', 70, { kind: 'bug' }),
  demanded('severity', 'Severity', 'Impact', 'High: 40 clerks.', 70, { kind: 'bug' }),
  {
    rule: 'structure.rollout',
    words: 160,
    finds: [
      section('Goals', '- All 40 shops migrate to the new list by June'),
      section('Problem', 'The cut-over takes 3 days.'),
      section('Goals', '- Backward compatible with version 1'),
    ],
    passes: [
      `${section('Goals', '- All 40 shops migrate to the new list by June')}\n## Rollout\n\n1. Shop 1\n`,
      section('Goals', '- 20 orders an hour'),
      section('Non-goals', '- No migration of old orders'),
    ],
  },
  {
    rule: 'structure.requirements',
    finds: ['# Title\n', section('Problem', 'Clerks lose 2 hours.'), section('Requirements', '```\nFR-1\n```')],
    passes: [
      requirements('- The page lists orders.'),
      requirement('The page shall list orders.', 'Given 2, when opened, then 2'),
      section('Notes', 'When a clerk calls, the service shall answer within 2 s.'),
    ],
  },
  {
    rule: 'structure.parent',
    words: 160,
    finds: [section('Approach', 'A list.'), section('Design', 'A list in src/list.ts.'), requirements('- R1: A list.')],
    passes: [
      section('Approach', 'A list, as PRD-7 asks.'),
      `---\nparent: PRD-7\n---\n${section('Approach', 'A list.')}`,
      section('Overview', 'It realises the PRD "Orders".'),
    ],
  },
  {
    rule: 'structure.empty',
    finds: [
      '# Title\n\n## Risks\n\n## Requirements\n\n- A page lists 20 orders.\n',
      `${requirements('- A page lists 20 orders.')}\n## Timeline\n`,
      '# Title\n\n## Notes\n\n<!-- fill in -->\n\n## Requirements\n\n- A page lists 20 orders.\n',
    ],
    passes: [
      section('Risks', 'None that matter.'),
      '# Title\n\n## Notes\n\n### One\n\nText.\n',
      section('Example', '```json\n{}\n```'),
    ],
  },
]
