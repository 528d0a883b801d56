import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configureClients } from '../../src/setup/clients.ts'
import { temporaryFolder } from '../mcp/connect.ts'

async function folders() {
  const project = await temporaryFolder()
  const codexHome = await temporaryFolder()
  return { project, codexHome, config: { packageRoot: '/opt/speki', project } }
}

test('without --write it shows and writes nothing', async () => {
  const { config, project, codexHome } = await folders()
  const setups = await configureClients(config, { write: false, codexHome })
  expect(setups['claude']).toMatchObject({
    command: 'claude mcp add speki -- node /opt/speki/bin/speki.js mcp',
    written: false,
  })
  expect(setups['codex']?.content).toContain('[mcp_servers.speki]')
  expect(() => readFileSync(join(project, '.mcp.json'))).toThrow(/ENOENT/)
  expect(() => readFileSync(join(codexHome, 'config.toml'))).toThrow(/ENOENT/)
})

test('what is in the files already stays, and writing twice changes nothing', async () => {
  const { config, project, codexHome } = await folders()
  writeFileSync(join(project, '.mcp.json'), '{"mcpServers":{"other":{"command":"x"}},"kept":1}')
  writeFileSync(join(codexHome, 'config.toml'), 'model = "x"\n\n[mcp_servers.other]\ncommand = "y"')

  await configureClients(config, { write: true, codexHome })
  const once = [readFileSync(join(project, '.mcp.json'), 'utf8'), readFileSync(join(codexHome, 'config.toml'), 'utf8')]
  await configureClients(config, { write: true, codexHome })

  expect(JSON.parse(once[0] ?? '')).toMatchObject({
    kept: 1,
    mcpServers: { other: { command: 'x' }, speki: { command: 'node', args: ['/opt/speki/bin/speki.js', 'mcp'] } },
  })
  expect(once[1]).toBe(
    'model = "x"\n\n[mcp_servers.other]\ncommand = "y"\n\n[mcp_servers.speki]\ncommand = "node"\nargs = ["/opt/speki/bin/speki.js", "mcp"]\nrequired = true\n',
  )
  expect([
    readFileSync(join(project, '.mcp.json'), 'utf8'),
    readFileSync(join(codexHome, 'config.toml'), 'utf8'),
  ]).toEqual(once)
})

test('a file that is not JSON is left alone', async () => {
  const { config, project, codexHome } = await folders()
  writeFileSync(join(project, '.mcp.json'), '// mine\n')
  await expect(configureClients(config, { write: true, codexHome })).rejects.toThrow(/not the JSON it should be/)
  expect(readFileSync(join(project, '.mcp.json'), 'utf8')).toBe('// mine\n')
})

test('an unknown client is refused', async () => {
  const { config, codexHome } = await folders()
  await expect(configureClients(config, { write: false, client: 'emacs', codexHome })).rejects.toThrow(/no client/)
})
