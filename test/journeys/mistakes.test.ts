import { ProtocolError } from '@modelcontextprotocol/client'
import { afterAll, describe, expect, test } from 'vitest'
import { type Agent, type Answer, connect, shared, temporaryFolder } from '../mcp/connect.ts'
import { argumentMistakes } from './argument-mistakes.ts'
import { type Args, followUp, makeWorkspace } from './mistake.ts'
import { stateMistakes } from './state-mistakes.ts'
import { turnMistakes } from './turn-mistakes.ts'

const mistakes = [...argumentMistakes, ...stateMistakes, ...turnMistakes]
const tokens: number[] = []

const workspace = shared(
  async (atEnd) => await makeWorkspace(await temporaryFolder(atEnd), async (options) => await connect(options, atEnd)),
)

/** A tool that is not there is refused by the protocol, not by a tool. */
async function answerTo(agent: Agent, tool: string, args: Args): Promise<Answer> {
  try {
    return await agent.call(tool, args)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { isError: true, text: error.message, output: {} }
  }
}

describe('a typical mistake is led back in at most one more call', () => {
  test.each(mistakes.map((mistake) => [`${mistake.tool}: ${mistake.is}`, mistake] as const))(
    '%s',
    async (_, mistake) => {
      const made = await mistake.make(workspace())
      const { agent, tools } = workspace()
      const answer = await answerTo(agent, mistake.tool, made.args)
      tokens.push(Math.ceil(Buffer.byteLength(answer.text) / 4))
      if (mistake.led === 'at once') {
        expect(answer.isError, answer.text).toBe(false)
        return
      }
      const next = followUp(mistake, made, answer, tools)
      const led = await agent.call(next.tool, next.args)
      expect(led.isError, `${answer.text}\n→ ${next.tool} ${JSON.stringify(next.args)}\n${led.text}`).toBe(false)
    },
  )
})

test('eighty are tried at least, and each is one of its own', () => {
  expect(mistakes.length).toBeGreaterThanOrEqual(80)
  expect(new Set(mistakes.map(({ tool, is }) => `${tool}: ${is}`)).size).toBe(mistakes.length)
})

afterAll(() => {
  const [count, sum] = [tokens.length, tokens.reduce((total, each) => total + each, 0)]
  const atOnce = mistakes.filter(({ led }) => led === 'at once').length
  console.log(
    `${count} mistakes: ${atOnce} understood at once, ${count - atOnce} led back in one more call; an answer has ${Math.round(sum / count)} tokens, the longest ${Math.max(...tokens)}`,
  )
})
