import { command, type Detector, folderOf, unique } from '../manifest.ts'

export const detectDotnet: Detector = async (tree) => {
  const packages: Awaited<ReturnType<Detector>>['packages'][number][] = []
  const projects = [...tree.named('.csproj'), ...tree.named('.fsproj')]
  for (const path of projects.slice(0, 200)) {
    const text = (await tree.read(path)) ?? ''
    const name = projectName(path, text)
    const packagesUsed = [...text.matchAll(/<PackageReference[^>]*\bInclude="([^"]+)"/g)].flatMap(
      (match) => match[1] ?? [],
    )
    const projectsUsed = [...text.matchAll(/<ProjectReference[^>]*\bInclude="([^"]+)\.[cf]sproj"/g)].flatMap(
      (match) => match[1]?.split(/[\\/]/).at(-1) ?? [],
    )
    packages.push({
      name,
      ecosystem: 'nuget',
      path: folderOf(path),
      dependencies: unique([...packagesUsed, ...projectsUsed]),
    })
  }
  const solution = tree.paths.some((path) => /^[^/]+\.slnx?$/.test(path))
  const atTop = solution || projects.some((path) => !path.includes('/'))
  return {
    packages,
    commands: atTop
      ? [
          command('build', ['dotnet', 'build', '--nologo'], 'solution'),
          command('test', ['dotnet', 'test', '--nologo'], 'solution'),
        ]
      : [],
  }
}

/** The name under which others take a project in: what it says, else that of its assembly or file. */
export function projectName(path: string, text: string): string {
  const told = /<PackageId>([^<$]+)<\/PackageId>/.exec(text) ?? /<AssemblyName>([^<$]+)<\/AssemblyName>/.exec(text)
  return told?.[1]?.trim() ?? path.slice(path.lastIndexOf('/') + 1).replace(/\.[cf]sproj$/, '')
}
