/** One defect: `replace` occurs exactly once in the corpus file; putting `by` in its place must raise `rule` and nothing else. */
export type PlantedDefect = { name: string; file: string; replace: string; by: string; rule: string }
