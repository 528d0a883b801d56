import { homedir } from 'node:os'
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path'

/** What programs need of a home that is hidden. */
export interface HomeTools {
  /** Tool chains and settings that hold no secrets. */
  readonly readable: readonly string[]
  /** What package managers and compilers write to wherever they work. */
  readonly caches: readonly string[]
  /** Settings of package managers, which may hold tokens: an install cannot do without. */
  readonly registries: readonly string[]
}

/** Below the home. */
const READABLE = [
  ...['.nvm', '.volta', '.fnm', '.local/share/fnm', '.n', '.npm-global', '.asdf', '.local/share/mise', '.tool-versions'],
  ...['.pyenv', '.local/share/uv', '.local/share/pipx', '.local/share/virtualenvs', 'miniconda3', 'anaconda3', 'miniforge3', '.conda'],
  ...['.rbenv', '.rvm', '.sdkman', '.jenv', '.jdks', '.rustup', '.cargo/bin', '.cargo/env', '.cargo/config.toml', '.cargo/config'],
  ...['go/bin', 'sdk', '.dotnet', '.deno/bin', '.bun/bin', '.ghcup', '.elan', '.opam', '.juliaup', '.julia', '.nix-profile'],
  ...['.local/state/nix', '.linuxbrew', '.local/bin', '.local/lib', '.local/share/claude', '.local/share/pnpm', 'flutter', 'Android/Sdk'],
  ...['Library/Android/sdk', 'Library/pnpm', 'Library/Java', '.R', 'R', 'perl5', '.gitconfig', '.config/git', '.gitignore'],
  ...['.gitattributes', '.editorconfig', '.yarnrc', '.m2/toolchains.xml', '.config/nextest', '.config/pycodestyle'],
] // biome-ignore format: a table

const CACHES = [
  ...['.npm', '.yarn', '.bun/install', '.local/share/pnpm/store', '.local/share/yarn', '.cargo/registry', '.cargo/git', '.m2/repository'],
  ...['.m2/wrapper', '.gradle', '.ivy2', '.sbt', '.cache/coursier', '.cache/go-build', 'go/pkg', '.nuget', '.local/share/NuGet', '.gem'],
  ...['.bundle/cache', '.composer/cache', '.cache/composer', '.hex', '.mix', '.pub-cache', '.stack', '.cabal', '.cache/pip', '.cache/uv'],
  ...['.cache/pypoetry', '.cache/yarn', '.cache/node', '.cache/pnpm', '.cache/deno', '.cache/ms-playwright', '.cache/Cypress', '.cache/puppeteer'],
  ...['.cache/electron', '.cache/ccache', '.ccache', '.cache/sccache', '.cache/bazel', '.cache/bazelisk', '.cache/golangci-lint', '.cache/pre-commit'],
  ...['.cache/mypy', '.cache/rattler', '.cache/typescript', '.cache/prisma', '.cache/huggingface', '.cache/zig', '.konan', '.dartServer'],
  ...['Library/Caches/pip', 'Library/Caches/go-build', 'Library/Caches/Yarn', 'Library/Caches/ms-playwright', 'Library/Caches/Cypress'],
] // biome-ignore format: a table

const REGISTRIES = [
  ...['.npmrc', '.yarnrc.yml', '.config/pip', '.pip', '.config/uv', '.config/pypoetry', '.netrc', '.m2/settings.xml'],
  ...['.m2/settings-security.xml', '.cargo/credentials.toml', '.cargo/credentials', '.bundle/config', '.gem/credentials'],
  ...['.composer/auth.json', '.config/composer', '.nuget/NuGet/NuGet.Config', '.config/NuGet', '.bunfig.toml'],
] // biome-ignore format: a table

/** Variables that name tool chains and certificates. */
const READABLE_VARIABLES = [
  ...['NVM_DIR', 'PYENV_ROOT', 'RBENV_ROOT', 'RUSTUP_HOME', 'JAVA_HOME', 'MAVEN_HOME', 'M2_HOME', 'GRADLE_HOME', 'ANDROID_HOME'],
  ...['ANDROID_SDK_ROOT', 'GOROOT', 'DOTNET_ROOT', 'VOLTA_HOME', 'FNM_DIR', 'FNM_MULTISHELL_PATH', 'PNPM_HOME', 'BUN_INSTALL', 'OPAMROOT'],
  ...['SDKMAN_DIR', 'ASDF_DIR', 'ASDF_DATA_DIR', 'MISE_DATA_DIR', 'VIRTUAL_ENV', 'CONDA_PREFIX', 'GEM_HOME', 'GEM_PATH', 'PERL5LIB'],
  ...['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'PKG_CONFIG_PATH', 'CMAKE_PREFIX_PATH', 'CC', 'CXX', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_GLOBAL'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO', 'PYTHONPATH'],
] // biome-ignore format: a table

const CACHE_VARIABLES = ['GOCACHE', 'GOMODCACHE', 'UV_CACHE_DIR', 'PIP_CACHE_DIR', 'NUGET_PACKAGES', 'COREPACK_HOME', 'DENO_DIR', 'GRADLE_USER_HOME', 'HEX_HOME', 'MIX_HOME'] // biome-ignore format: a table

/** What of the home, and of other hidden places, belongs to tools, by the environment that programs get. */
export function toolsOf(environment: Readonly<Record<string, string | undefined>>): HomeTools {
  const home = homedir()
  const below = (paths: readonly string[]) => paths.map((path) => join(home, path))
  const named = (variables: readonly string[]) =>
    variables
      .flatMap((name) => (environment[name] ?? '').split(delimiter))
      .filter((path) => isAbsolute(path) && path !== home)
  const cargo = environment['CARGO_HOME'] ?? join(home, '.cargo')
  const path = (environment['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder) && folder !== home)
  return {
    readable: [...path.flatMap(besidePrograms), ...below(READABLE), ...named(READABLE_VARIABLES), join(cargo, 'bin')],
    caches: [...below(CACHES), ...named(CACHE_VARIABLES), join(cargo, 'registry'), join(cargo, 'git')],
    registries: below(REGISTRIES),
  }
}

/** Programs of a folder rest on what lies in those beside it. */
function besidePrograms(folder: string): readonly string[] {
  if (basename(folder) === '.bin') return [dirname(folder)]
  return [folder, join(dirname(folder), 'lib'), join(dirname(folder), 'libexec')]
}
