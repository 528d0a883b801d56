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

  test.each([
    ['speki://prd/PRD-99', /There is no PRD-99\.\s+Next: List them with prd_list/],
    ['speki://task/TASK-99', /There is no TASK-99\.\s+Next: List tasks with task_list/],
    ['speki://task/nonsense', /There is no "nonsense". Write the key of a task as TASK-12\.\s+Next: resources\/list/],
    ['speki://prd/PRD-1?x', /Write the key of a PRD as PRD-12/],
    ['speki://run/RUN-1', /Did you mean speki:\/\/run\/RUN-1\/report\?/],
    ['speki://change-set/CS-2', /Did you mean speki:\/\/changeset\/CS-2\?/],
    ['speki://plan/PRD-1', /Did you mean speki:\/\/prd\/PRD-1\/plan\?/],
    ['speki://guide/nonsense', /Next: Topics: write-prd, /],
    ['speki://nothing', /Known are speki:\/\/status, speki:\/\/prd\/\{id\}/],
    ['file:///etc/passwd', /Known are speki:\/\/status/],
  ])('%s is not there, and the refusal leads on', async (uri, message) => {
    const { client, read } = start()
    await expect(read(uri)).rejects.toThrow(message)
    expect((await client.listResources()).resources.length).toBeGreaterThan(3)
  })

  test('a prompt that is not there leads on to those that are', async () => {
    const { client } = start()
    await expect(client.getPrompt({ name: 'works' })).rejects.toThrow(
      /There is no prompt "works"\.\s+Next: Did you mean work\? Known are write-prd, /,
    )
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
