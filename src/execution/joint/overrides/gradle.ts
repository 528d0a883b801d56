import { lstat, mkdir, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { ifUnreadable } from '../../../expected.ts'
import { removeOfAnyAge } from '../../../files/remove.ts'
import { namesIn, type Override, type Provided } from './scene.ts'

/**
 * Gradle includes the builds of producers, as `--include-build` would, by an init script. Those lie in the home of Gradle, so
 * there is one above the worktrees whose other entries are those of the real one.
 */
export const includeGradle: Override = async ({ folder }, used) => {
  const home = join(folder, '.gradle-home')
  await removeOfAnyAge(home, folder)
  await mkdir(join(home, 'init.d'), { recursive: true })
  const real = join(homedir(), '.gradle')
  for (const name of await namesIn(real)) if (name !== 'init.d') await symlink(join(real, name), join(home, name))
  for (const name of await namesIn(join(real, 'init.d')))
    await symlink(join(real, 'init.d', name), join(home, 'init.d', name))
  const builds = new Set(await Promise.all(used.map(buildOf)))
  await writeFile(join(home, 'init.d', 'speki-joint.gradle'), script([...builds]))
  return {
    notes: used.map(({ name, repository }) => `Gradle includes the build of ${name} in the worktree of ${repository}.`),
    environment: { GRADLE_USER_HOME: home },
  }
}

/** The nearest folder with settings, where a build begins. */
async function buildOf({ folder, worktree }: Provided): Promise<string> {
  for (let at = folder; at.startsWith(worktree); at = dirname(at))
    for (const name of ['settings.gradle', 'settings.gradle.kts'])
      if ((await lstat(join(at, name)).catch(ifUnreadable(undefined))) !== undefined) return at
  return folder
}

/** A build neither includes itself nor is included by one that is included. Gradle 3.1 and newer know this way. */
function script(builds: readonly string[]): string {
  const list = builds.map((path) => `'${path.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
  return `if (gradle.parent == null) {
    def start = gradle.startParameter
    def place = (start.projectDir ?: start.currentDir).canonicalFile.toPath()
    [${list.join(', ')}].each { path ->
        def build = new File(path).canonicalFile
        if (!place.startsWith(build.toPath())) start.includeBuild(build)
    }
}
`
}
