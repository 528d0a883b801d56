import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { SECOND_EDITS } from './second-story.ts'

/** The agent of the demo's run: reads the task on stdin and does in its folder what the script says; wrong at first where that says so. */
export async function playAgent(say: (text: string) => void): Promise<void> {
  const prompt = await text(process.stdin)
  const label = Object.keys(SECOND_EDITS).find((name) => prompt.includes(`- ${name}:`))
  const edit = label === undefined ? undefined : SECOND_EDITS[label]
  if (label === undefined || edit === undefined) throw new Error('There is no script for this task.')
  const again = prompt.includes('### Attempt 1')
  await writeFile(join('test', `${label.toLowerCase()}.test.js`), edit.tests)
  await appendFile('index.js', again ? edit.module : (edit.wrong ?? edit.module))
  const criteria = [...prompt.matchAll(/^(\d+)\. /gm)].map(([, number]) => ({
    criterion: Number(number),
    met: true,
    how: `test/${label.toLowerCase()}.test.js`,
  }))
  say(JSON.stringify({ summary: `Wrote ${label} with its test.`, criteria }))
}
