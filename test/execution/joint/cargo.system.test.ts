import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../mcp/connect.ts'
import { has, joint, put } from './joint.ts'
import { type Files, registered } from './registered.ts'

describe.skipIf(!has('cargo'))('Cargo', () => {
  const crate = (name: string, text: string, more = ''): Files => ({
    'Cargo.toml': `[package]\nname = "${name}"\nversion = "1.1.0"\nedition = "2021"\n${more}`,
    'src/lib.rs': text,
    '.gitignore': 'target\n',
  })
  const lib = crate('lib', 'pub fn from() -> &\'static str { "beside" }\n')
  const main = 'fn main() { println!("{}", lib::from()); }\n'
  const app = (dependency: string): Files => ({
    'Cargo.toml': `[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n${dependency}\n`,
    'src/main.rs': main,
    '.gitignore': 'target\n',
  })
  const cargo = ['run', '--quiet', '--offline']

  /** A published lib in a repository, and an app that took it from there and has a lock file that says so. */
  async function published(): Promise<{ url: string; lock: (app: Files) => Files }> {
    const folder = await temporaryFolder()
    const [made] = await registered(folder, {
      published: {
        ...lib,
        'src/lib.rs': 'pub fn from() -> &\'static str { "published" }\n',
        'Cargo.toml': lib['Cargo.toml']?.replace('1.1.0', '1.0.0') ?? '',
      },
    })
    return {
      url: `file://${made?.root}`,
      lock(files) {
        const place = join(folder, 'user')
        put(place, files)
        expect(execFileSync('cargo', ['run', '--quiet'], { cwd: place, encoding: 'utf8', stdio: 'pipe' })).toBe(
          'published\n',
        )
        return { ...files, 'Cargo.lock': readFileSync(join(place, 'Cargo.lock'), 'utf8') }
      },
    }
  }

  test('a lock file that pins what is published stays as it is, and the producer beside is built', async () => {
    const { url, lock } = await published()
    const { run, seen, close } = await joint({ lib, app: lock(app(`[dependencies]\nlib = { git = "${url}" }`)) })
    expect(run('app', 'cargo', ...cargo, '--locked')).toBe('beside\n')
    expect(run('lib', 'cargo', 'build', '--quiet', '--offline')).toBe('')
    expect(seen()).toBe('?? Cargo.lock\n')
    await close()
  })

  test.each<[string, string]>([
    ['a registry', '[dependencies]\nlib = "1.0"'],
    ['another name', '[dependencies]\nother = { version = "1.0", package = "lib" }'],
    ['one target', '[target."cfg(unix)".dependencies]\nlib = "1.0"'],
    ['its workspace', '[workspace.dependencies]\nlib = "1.0"\n[dependencies]\nlib.workspace = true'],
  ])(
    'one that was never published and is known from %s is built',
    async (_, dependency) => {
      const files = app(dependency)
      const named = dependency.includes('other') ? { ...files, 'src/main.rs': main.replace('lib::', 'other::') } : files
      const { run, said } = await joint({ lib, app: named })
      expect(said).toContain('Cargo takes lib from the worktree of lib.')
      expect(run('app', 'cargo', ...cargo)).toBe('beside\n')
    },
    120_000,
  )

  test('one from a repository is built where nothing pins it', async () => {
    const { url } = await published()
    const { run } = await joint({ lib, app: app(`[dependencies]\nlib = { git = "${url}" }`) })
    expect(run('app', 'cargo', 'run', '--quiet')).toBe('beside\n')
  })

  test('one that only a build script needs is built', async () => {
    const { run } = await joint({
      lib,
      app: {
        ...app('[build-dependencies]\nlib = "1.0"'),
        'build.rs': 'fn main() { println!("cargo::rustc-env=FROM={}", lib::from()); }\n',
        'src/main.rs': 'fn main() { println!("{}", env!("FROM")); }\n',
      },
    })
    expect(run('app', 'cargo', ...cargo)).toBe('beside\n')
  })

  test('a crate of a workspace is found with what it inherits', async () => {
    const { url, lock } = await published()
    const workspace: Files = {
      'Cargo.toml':
        '[workspace]\nmembers = ["crates/*"]\nresolver = "2"\n[workspace.package]\nversion = "1.1.0"\nedition = "2021"\n',
      'crates/lib/Cargo.toml': '[package]\nname = "lib"\nversion.workspace = true\nedition.workspace = true\n',
      'crates/lib/src/lib.rs': lib['src/lib.rs'] ?? '',
      '.gitignore': 'target\n',
    }
    const { run, seen } = await joint({ lib: workspace, app: lock(app(`[dependencies]\nlib = { git = "${url}" }`)) })
    expect(run('app', 'cargo', ...cargo, '--locked')).toBe('beside\n')
    expect(seen()).toBe('')
  })

  test('the lock file of one that does not use it is not written, and that is said', async () => {
    const place = await temporaryFolder()
    put(place, crate('other', ''))
    execFileSync('cargo', ['generate-lockfile', '--offline'], { cwd: place, stdio: 'pipe' })
    const other = { ...crate('other', ''), 'Cargo.lock': readFileSync(join(place, 'Cargo.lock'), 'utf8') }
    const { run, said, seen } = await joint({ other, lib, app: app('[dependencies]\nlib = "1.0"\n') })
    expect(said.join()).toMatch(/Cargo does not see the unmerged lib: the Cargo\.lock of other/)
    run('other', 'cargo', 'build', '--quiet', '--offline')
    expect(seen()).toBe('')
  })
})
