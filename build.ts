import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { listedTools } from './src/mcp/listed-tools.ts'
import { thirdPartyNotices } from './third-party-notices.ts'

/** zod carries its messages in some fifty languages; ours speak English, and every start would load the rest. */
const englishZod: Plugin = {
  name: 'english-zod',
  setup(bundle) {
    bundle.onLoad({ filter: /zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
      loader: 'js',
    }))
  },
}

/** What clients list is worked out here, once, and kept as data. */
const listedToolsAsData: Plugin = {
  name: 'listed-tools-as-data',
  setup(bundle) {
    bundle.onLoad({ filter: /src[/\\]mcp[/\\]listed-tools\.ts$/ }, () => ({
      contents: `export const listedTools = ${JSON.stringify(listedTools)}`,
      loader: 'js',
    }))
  },
}

/** Bundles the program into dist/: an entry each for program and reading thread, the rest in chunks that load when they are used. Native packages stay outside. */
const { outputFiles, metafile } = await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: {
    cli: join(import.meta.dirname, 'src/cli.ts'),
    'reading-thread': join(import.meta.dirname, 'src/reading-thread.ts'),
  },
  outdir: join(import.meta.dirname, 'dist'),
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  chunkNames: 'chunks/[name]-[hash]',
  // Identifiers stay, so that stack traces can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  // They stand in THIRD-PARTY-NOTICES.txt, whole.
  legalComments: 'none',
  external: ['better-sqlite3', 'pg-native'],
  // Its entry for require hides its own modules from a bundler.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  // Bundled CommonJS packages ask for Node's own modules by require.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  plugins: [englishZod, listedToolsAsData],
  metafile: true,
  write: false,
  logLevel: 'warning',
})

const notices = {
  path: join(import.meta.dirname, 'dist', 'THIRD-PARTY-NOTICES.txt'),
  contents: Buffer.from(thirdPartyNotices(metafile, import.meta.dirname)),
}

// Only what differs is written: a program that runs from here goes on undisturbed.
const isThere = (path: string, contents: Uint8Array) => existsSync(path) && readFileSync(path).equals(contents)
const files = [...outputFiles, notices]
for (const { path, contents } of files) {
  mkdirSync(dirname(path), { recursive: true })
  if (!isThere(path, contents)) writeFileSync(path, contents)
}
const made = new Set(files.map(({ path }) => path))
for (const entry of readdirSync(join(import.meta.dirname, 'dist'), { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name)
  if (!entry.isDirectory() && !made.has(path)) rmSync(path)
}

const total = files.reduce((sum, { contents }) => sum + contents.length, 0)
console.log(`dist: ${files.length} files, ${Math.round(total / 1024)} KB`)
