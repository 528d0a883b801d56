import { command, type Detector } from '../manifest.ts'

const NOTHING = { packages: [], commands: [] }

/** Configures, builds and tests: pipelines do it after a `cd`, behind which nothing is taken from them. */
export const detectCmake: Detector = async (tree) => {
  if (!tree.has('CMakeLists.txt')) return NOTHING
  const texts = await Promise.all(
    tree
      .named('CMakeLists.txt')
      .slice(0, 50)
      .map(async (path) => await tree.read(path)),
  )
  const tests = /^\s*(?:enable_testing\s*\(|add_test\s*\(|include\s*\(\s*CTest\b)/im
  if (!texts.some((text) => tests.test(text ?? ''))) return NOTHING
  const folder = tree.paths.some((path) => path.startsWith('build/')) ? '_build' : 'build'
  const line = `cmake -S . -B ${folder} && cmake --build ${folder} && ctest --test-dir ${folder} --output-on-failure`
  return { packages: [], commands: [command('test', ['sh', '-c', line], 'CMakeLists.txt')] }
}

/** Tests of Perl distributions: their own build makes what tests look for, and `prove` does where there is none. */
export const detectPerl: Detector = async (tree) => {
  const manifest = ['cpanfile', 'Makefile.PL', 'Build.PL', 'dist.ini'].find((name) => tree.has(name))
  if (manifest === undefined || !tree.paths.some((path) => /^t\/.*\.t$/.test(path))) return NOTHING
  const argv = tree.has('Makefile.PL') ? ['sh', '-c', 'perl Makefile.PL && make test'] : ['prove', '-l', '-r', 't']
  return { packages: [], commands: [command('test', argv, manifest)] }
}

/** Bats, which some repositories bring along. */
export const detectBats: Detector = async (tree) => {
  const [first] = tree.paths.filter((path) => path.endsWith('.bats') && !/(?:^|\/)(?:fixtures|vendor)\//.test(path))
  if (first === undefined) return NOTHING
  const folder = first.includes('/') ? (first.split('/')[0] ?? '.') : '.'
  const own = tree.paths.find((path) => /(?:^|\/)bats(?:-core)?\/bin\/bats$/.test(path))
  return { packages: [], commands: [command('test', [own ?? 'bats', '-r', folder], first)] }
}
