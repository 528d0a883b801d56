import { readFileSync } from 'node:fs'
import { openSiblings } from '../../../src/execution/joint/siblings.ts'

/** Opens the joint workspace that a file describes, and says when it stands. Somebody kills it on the way. */
const [file = ''] = process.argv.slice(2)
const { place, members } = JSON.parse(readFileSync(file, 'utf8'))
await openSiblings(place, members, [], async () => undefined, AbortSignal.timeout(600_000))
process.stdout.write('open\n')
