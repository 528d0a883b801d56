import { XMLParser } from 'fast-xml-parser'
import { z } from 'zod'
import { tryParse } from '../../expected.ts'
import { command, type Detector, folderOf, unique } from '../manifest.ts'

const Artifact = z.looseObject({
  artifactId: z.coerce.string(),
  groupId: z.coerce.string().optional(),
  version: z.coerce.string().optional(),
})
/** One element is no list for the parser. */
const Artifacts = z
  .looseObject({ dependency: z.union([z.array(Artifact), Artifact.transform((entry) => [entry])]) })
  .optional()
  .catch(undefined)
const Project = Artifact.extend({
  parent: Artifact.optional().catch(undefined),
  properties: z.record(z.string(), z.coerce.string().catch('')).catch({}).default({}),
  dependencies: Artifacts,
  dependencyManagement: z.looseObject({ dependencies: Artifacts }).optional().catch(undefined),
})
const Pom = z.looseObject({ project: Project })

const xml = new XMLParser({ ignoreAttributes: true, processEntities: false, parseTagValue: false })

interface PomFact {
  /** `group:artifact`. */
  readonly name: string
  readonly version: string | undefined
  readonly properties: Readonly<Record<string, string>>
  /** What it uses, its parent first. A version may be missing, or hold names of properties. */
  readonly uses: readonly { readonly name: string; readonly version: string | undefined }[]
  /** The same for what it only tells versions of. */
  readonly managed: PomFact['uses']
}

/** Undefined for what is no pom. What a parent gives and the pom does not say is inherited. */
export function readPom(text: string): PomFact | undefined {
  const project = tryParse(() => Pom.parse(xml.parse(text)).project)
  if (project === undefined) return undefined
  const groupId = project.groupId ?? project.parent?.groupId
  const version = project.version ?? project.parent?.version
  const fill = (value: string | undefined) => value?.replace(/^\$\{(?:project|pom)\.groupId\}$/, groupId ?? '$&')
  const use = (artifact: z.infer<typeof Artifact>) => ({
    name: coordinate({ ...artifact, groupId: fill(artifact.groupId) }),
    version: artifact.version,
  })
  return {
    name: coordinate({ ...project, groupId }),
    version,
    properties: project.properties,
    uses: [...(project.parent === undefined ? [] : [project.parent]), ...(project.dependencies?.dependency ?? [])].map(
      use,
    ),
    managed: (project.dependencyManagement?.dependencies?.dependency ?? []).map(use),
  }
}

export const detectJvm: Detector = async (tree) => {
  const packages: Awaited<ReturnType<Detector>>['packages'][number][] = []
  for (const path of tree.named('pom.xml').slice(0, 100)) {
    const text = await tree.read(path)
    const pom = text === undefined ? undefined : readPom(text)
    if (pom === undefined) continue
    packages.push({
      name: pom.name,
      ecosystem: 'maven',
      path: folderOf(path),
      ...(pom.version !== undefined && { version: pom.version }),
      dependencies: unique([...pom.uses, ...pom.managed].map(({ name }) => name)),
    })
  }
  const atTop = (await tree.read('build.gradle')) ?? (await tree.read('build.gradle.kts')) ?? ''
  for (const path of [...tree.named('build.gradle'), ...tree.named('build.gradle.kts')].slice(0, 100)) {
    const text = (await tree.read(path)) ?? ''
    const folder = folderOf(path)
    const below = folder === '.' ? '' : `${folder}/`
    const settings =
      (await tree.read(`${below}settings.gradle`)) ?? (await tree.read(`${below}settings.gradle.kts`)) ?? ''
    const root = /rootProject\.name\s*=\s*['"]([^'"]+)['"]/.exec(settings)?.[1]
    const project = root ?? (folder === '.' ? undefined : folder.slice(folder.lastIndexOf('/') + 1))
    if (project === undefined) continue
    // Others take it in by its group; within a build, and where there is none, the name is enough.
    const group = gradleGroup(text) ?? gradleGroup((await tree.read('gradle.properties')) ?? '') ?? gradleGroup(atTop)
    const name = group === undefined ? project : `${group}:${project}`
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

function coordinate(artifact: { readonly groupId?: string | undefined; readonly artifactId: string }): string {
  return artifact.groupId === undefined ? artifact.artifactId : `${artifact.groupId}:${artifact.artifactId}`
}

function gradleGroup(text: string): string | undefined {
  return /^[ \t]*group[ \t]*=?[ \t]*['"]?([\w.-]+)['"]?[ \t]*$/m.exec(text)?.[1]
}
