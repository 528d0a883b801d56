import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'
import { attempt, command, type Detector, folderOf, unique } from '../manifest.ts'

const Artifact = z.looseObject({
  artifactId: z.coerce.string(),
  groupId: z.coerce.string().optional(),
  version: z.coerce.string().optional(),
})
const Pom = z.looseObject({
  project: Artifact.extend({
    dependencies: z
      .looseObject({ dependency: z.union([z.array(Artifact), Artifact.transform((entry) => [entry])]) })
      .optional()
      .catch(undefined),
  }),
})

export const detectJvm: Detector = async (tree) => {
  const packages: Awaited<ReturnType<Detector>>['packages'][number][] = []
  const xml = new XMLParser({ ignoreAttributes: true, processEntities: false })
  for (const path of tree.named('pom.xml').slice(0, 100)) {
    const text = await tree.read(path)
    const project = text === undefined ? undefined : attempt(() => Pom.parse(xml.parse(text)).project)
    if (project === undefined) continue
    const dependencies = project.dependencies?.dependency ?? []
    packages.push({
      name: coordinate(project),
      ecosystem: 'maven',
      path: folderOf(path),
      ...(project.version !== undefined && { version: project.version }),
      dependencies: unique(dependencies.map(coordinate)),
    })
  }
  for (const path of [...tree.named('build.gradle'), ...tree.named('build.gradle.kts')].slice(0, 100)) {
    const text = (await tree.read(path)) ?? ''
    const folder = folderOf(path)
    const settings = (await tree.read('settings.gradle')) ?? (await tree.read('settings.gradle.kts')) ?? ''
    const root = /rootProject\.name\s*=\s*['"]([^'"]+)['"]/.exec(settings)?.[1]
    const name = folder === '.' ? root : folder.slice(folder.lastIndexOf('/') + 1)
    if (name === undefined) continue
    const used = [...text.matchAll(/['"]([\w.-]+):([\w.-]+)(?::[^'"]*)?['"]/g)].map(
      (match) => `${match[1]}:${match[2]}`,
    )
    const projects = [...text.matchAll(/project\(\s*['"]:([^'"]+)['"]\s*\)/g)].flatMap(
      (match) => match[1]?.split(':').at(-1) ?? [],
    )
    packages.push({ name, ecosystem: 'gradle', path: folder, dependencies: unique([...used, ...projects]) })
  }
  if (tree.has('pom.xml')) {
    const maven = tree.has('mvnw') ? './mvnw' : 'mvn'
    return { packages, commands: [command('test', [maven, '--batch-mode', 'test'], 'pom.xml')] }
  }
  if (
    tree.has('build.gradle') ||
    tree.has('build.gradle.kts') ||
    tree.has('settings.gradle') ||
    tree.has('settings.gradle.kts')
  ) {
    const gradle = tree.has('gradlew') ? './gradlew' : 'gradle'
    return { packages, commands: [command('test', [gradle, '--console=plain', 'test'], 'Gradle build')] }
  }
  return { packages, commands: [] }
}

function coordinate(artifact: z.infer<typeof Artifact>): string {
  return artifact.groupId === undefined ? artifact.artifactId : `${artifact.groupId}:${artifact.artifactId}`
}
