import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MAX_BODY_BYTES } from '../../schemas/prd.ts'
import { connect, temporaryFolder } from './connect.ts'

/** As long as a text may be. */
function largest(): string {
  const lines = ['# Orders', '', '## Requirements', '']
  const why = 'Clerks see one order at a time, and lose hours. '.repeat(20)
  for (let at = 1, length = 40; ; at++) {
    const line = `- FR-${at}: The api shall list the orders of shop ${at} within ${at} s.\n\n  ${why}\n`
    length += line.length + 1
    if (length > MAX_BODY_BYTES) return `${lines.join('\n')}\n`
    lines.push(line)
  }
}

test('while the largest text is written or checked, other calls are answered', async () => {
  const folder = await temporaryFolder()
  const agent = await connect({ db: join(folder, 'speki.db'), args: ['--project', folder] })
  await agent.ok('speki_status')
  const order: string[] = []
  const answered = async (name: string, call: Promise<unknown>): Promise<void> => {
    await call
    order.push(name)
  }
  const body = largest()
  for (const [tool, args] of [
    ['prd_create', { title: 'Orders', body }],
    ['prd_check', { prd: 'PRD-1' }],
  ] as const)
    await Promise.all([answered(tool, agent.ok(tool, args)), answered('speki_status', agent.ok('speki_status'))])
  expect(order).toEqual(['speki_status', 'prd_create', 'speki_status', 'prd_check'])
})
