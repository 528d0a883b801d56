import { command, type Detector, folderOf, unique } from '../manifest.ts'

export const detectGo: Detector = async (tree) => {
  const packages: Awaited<ReturnType<Detector>>['packages'][number][] = []
  for (const path of tree.named('go.mod').slice(0, 100)) {
    const text = (await tree.read(path)) ?? ''
    const name = /^module\s+(\S+)/m.exec(text)?.[1]
    if (name === undefined) continue
    const required = [...text.matchAll(/^\s*(?:require\s+)?([\w.-]+\.[\w.-]+\/[^\s]+)\s+v\S+/gm)].flatMap(
      (match) => match[1] ?? [],
    )
    packages.push({ name, ecosystem: 'go', path: folderOf(path), dependencies: unique(required) })
  }
  if (!tree.has('go.mod')) return { packages, commands: [] }
  return {
    packages,
    commands: [
      command('lint', ['go', 'vet', './...'], 'go.mod'),
      command('build', ['go', 'build', './...'], 'go.mod'),
      command('test', ['go', 'test', './...'], 'go.mod'),
    ],
  }
}
