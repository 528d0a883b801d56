import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { describe, expect, test } from 'vitest'
import { guides } from '../../src/mcp/guides/index.ts'
import { connect, connectV1, shared, temporaryFolder } from './connect.ts'
import { planned } from './workspace.ts'

/** What the clients of both generations have in common. */
type AnyClient = Pick<
  Client,
  'listResources' | 'listResourceTemplates' | 'readResource' | 'listPrompts' | 'getPrompt' | 'complete'
>

describe.each([
  ['2026-07-28', connect],
  ['2025', connectV1],
] as const)('over protocol %s', (_, connectTo) => {
  const start = shared(async (atEnd) => {
    const folder = await temporaryFolder(atEnd)
    const agent = await connectTo({ db: join(folder, 'speki.db') }, atEnd)
    const { prd } = await planned(agent, folder)
    const client = agent.client as unknown as AnyClient
    const read = async (uri: string) => {
      const { contents } = await client.readResource({ uri })
      const [content] = contents
      return content !== undefined && 'text' in content ? String(content.text) : ''
    }
    return { client, prd, read }
  })

  test('resources and their instances are listed, and each can be read', async () => {
    const { client, prd, read } = start()
    const { resources } = await client.listResources()
    const { resourceTemplates } = await client.listResourceTemplates()
    const uris = resources.map((resource) => resource.uri)

    expect(resourceTemplates.map((template) => template.uriTemplate).sort()).toEqual([
      'speki://changeset/{id}',
      'speki://guide/{id}',
      'speki://prd/{id}',
      'speki://prd/{id}/plan',
      'speki://repository/{id}',
      'speki://run/{id}/report',
      'speki://task/{id}',
    ])
    expect(uris).toEqual(
      expect.arrayContaining([
        'speki://status',
        `speki://prd/${prd}`,
        `speki://prd/${prd}/plan`,
        'speki://task/TASK-1',
        'speki://repository/api',
        'speki://guide/work',
      ]),
    )
    for (const uri of uris) expect(await read(uri), uri).not.toBe('')
    expect(await read(`speki://prd/${prd}`)).toContain('### FR-001: Place an order')
    expect(await read(`speki://prd/${prd}/plan`)).toMatch(/TASK-1 \[api\] todo, ready/)
    const { task } = JSON.parse(await read('speki://task/TASK-1'))
    expect(task.criteria, 'the name of before').toEqual(task.acceptanceCriteria)
    expect(await read('speki://status')).toContain('0 of 2 tasks done, 1 ready')
  })

  test('what is not there is refused, and the server goes on', async () => {
    const { client, read } = start()
    for (const uri of ['speki://prd/PRD-99', 'speki://task/nonsense', 'speki://guide/nonsense', 'speki://nothing'])
      await expect(read(uri), uri).rejects.toThrow()
    expect((await client.listResources()).resources.length).toBeGreaterThan(3)
  })

  test('identifiers are completed', async () => {
    const { client, prd } = start()
    const values = async (uri: string, value: string) =>
      (await client.complete({ ref: { type: 'ref/resource', uri }, argument: { name: 'id', value } })).completion.values
    expect(await values('speki://prd/{id}', 'prd')).toEqual([prd])
    expect(await values('speki://task/{id}', 'TASK-')).toEqual(['TASK-1', 'TASK-2'])
    expect(await values('speki://repository/{id}', 'w')).toEqual(['web'])
    const prompt = await client.complete({
      ref: { type: 'ref/prompt', name: 'work' },
      argument: { name: 'prd', value: 'PRD' },
    })
    expect(prompt.completion.values).toEqual([prd])
  })

  test('each guide is a prompt', async () => {
    const { client, prd } = start()
    const { prompts } = await client.listPrompts()
    const { messages } = await client.getPrompt({ name: 'work', arguments: { prd } })
    expect(prompts.map((prompt) => prompt.name)).toEqual(guides.map((guide) => guide.topic))
    expect(messages).toMatchObject([
      { role: 'user', content: { type: 'text', text: expect.stringContaining(`This is about: ${prd}`) } },
    ])
  })
})
