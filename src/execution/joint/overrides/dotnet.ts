import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ifUnreadable } from '../../../expected.ts'
import { replaceInside } from '../../../files/replace.ts'
import { projectName } from '../../../validation/ecosystems/dotnet.ts'
import { namesIn, type Override, type Provided } from './scene.ts'

/** MSBuild imports a file that a variable names into every project: there a reference to a package becomes one to its project. */
export const referDotnet: Override = async ({ folder }, used) => {
  const file = join(folder, 'speki-joint.targets')
  const groups = await Promise.all(used.map(async (fact) => await redirect(fact)))
  await replaceInside(file, `<Project>\n${groups.join('')}</Project>\n`, folder)
  return {
    notes: used.map(({ name, repository }) => `.NET builds ${name} from the worktree of ${repository}.`),
    environment: { CustomBeforeMicrosoftCommonTargets: file },
  }
}

async function redirect({ name, folder }: Provided): Promise<string> {
  const project = escaped(join(folder, await projectIn(folder, name)))
  const id = escaped(name)
  return `  <ItemGroup Condition="'$(MSBuildProjectFullPath)' != '${project}'">
    <ProjectReference Include="${project}" Condition="@(PackageReference->AnyHaveMetadataValue('Identity', '${id}'))" />
    <PackageReference Remove="${id}" />
  </ItemGroup>
`
}

async function projectIn(folder: string, name: string): Promise<string> {
  for (const file of (await namesIn(folder)).filter((entry) => /\.[cf]sproj$/.test(entry)))
    if (projectName(file, await readFile(join(folder, file), 'utf8').catch(ifUnreadable(''))) === name) return file
  return `${name}.csproj`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll("'", '&apos;')
}
