import type { PlantedDefect } from './defect.ts'
import { sectionOf } from './section.ts'

const removed = (rule: string, file: string, heading: string): PlantedDefect => ({
  name: `${file} without "${heading}"`,
  file,
  replace: sectionOf(file, heading),
  by: '',
  rule,
})

const emptied = (rule: string, file: string, heading: string): PlantedDefect => ({
  name: `${file} with nothing under "${heading}"`,
  file,
  replace: sectionOf(file, heading),
  by: `${heading}\n\n`,
  rule,
})

export const structureDefects: readonly PlantedDefect[] = [
  removed('structure.problem', 'prd-tram-disruption-board.md', '## Problem'),
  removed('structure.problem', 'prd-coop-assembly-vote.md', '## Problem statement'),
  removed('structure.goals', 'prd-clinic-recall.md', '## 3. Targets'),
  removed('structure.goals', 'prd-tram-disruption-board.md', '## Goals'),
  removed('structure.non-goals', 'prd-coop-assembly-vote.md', '## Non-goals'),
  removed('structure.non-goals', 'prd-warehouse-fast-lane.md', '## Out of scope'),
  removed('structure.personas', 'prd-warehouse-fast-lane.md', '## Personas'),
  removed('structure.personas', 'prd-tram-disruption-board.md', '## Users'),
  removed('structure.boundary', 'prd-tram-disruption-board.md', '## System boundary'),
  removed('structure.boundary', 'prd-coop-assembly-vote.md', '## Ownership'),
  removed('structure.flows', 'prd-clinic-recall.md', '## 6. Flow of a recall week'),
  removed('structure.requirements', 'prd-short-allergen-labels.md', '## What the till does'),
  removed('structure.constraints', 'prd-clinic-recall.md', '## 9. Constraints'),
  emptied('structure.constraints', 'prd-tram-disruption-board.md', '## Constraints and assumptions'),
  removed('structure.failure-modes', 'prd-warehouse-fast-lane.md', '## Failure modes'),
  removed('structure.failure-modes', 'prd-clinic-recall.md', '## 10. What may fail'),
  removed('structure.metrics', 'prd-clinic-recall.md', '## 11. Measures'),
  removed('structure.done', 'prd-tram-disruption-board.md', '## Definition of done'),
  removed('structure.rollout', 'prd-archive-migration.md', '## Rollout and migration'),
  removed('structure.approach', 'tech-handheld-offline-walk.md', '## 2 Approach'),
  removed('structure.interfaces', 'tech-kiosk-refund.md', '## Interfaces'),
  removed('structure.errors', 'tech-handheld-offline-walk.md', '## 7 Error handling'),
  removed('structure.tests', 'tech-handheld-offline-walk.md', '## 8 Tests'),
  {
    name: 'a tech spec that names no PRD',
    file: 'tech-recall-due-dates.md',
    replace: 'Parent: PRD "Recall letters for the eye clinic", requirement R-01.\n\n',
    by: '',
    rule: 'structure.parent',
  },
  removed('structure.steps', 'bug-invoice-rounding.md', '## Steps to reproduce'),
  removed('structure.expected', 'bug-screen-frozen-after-dst.md', '## Expected result'),
  removed('structure.actual', 'bug-map-tiles-leak.md', '### Observed'),
  removed('structure.environment', 'bug-duplicate-membership-mail.md', '## Environment'),
  removed('structure.severity', 'bug-map-tiles-leak.md', '### Severity'),
  {
    name: 'a bug report whose header lost the severity line',
    file: 'bug-screen-frozen-after-dst.md',
    replace: '**Severity:** S2 (a main function is unusable, no safety issue)\n',
    by: '',
    rule: 'structure.severity',
  },
  emptied('structure.empty', 'prd-archive-migration.md', '## Glossary'),
  emptied('structure.empty', 'bug-duplicate-membership-mail.md', '## Attachments'),
]
