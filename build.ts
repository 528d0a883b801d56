import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build, type Plugin } from 'esbuild'

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

/** Bundles the program into dist/: one entry, the rest in chunks that load when they are used. Native packages stay outside. */
const { outputFiles } = await build({
  entryPoints: { cli: join(import.meta.dirname, 'src/cli.ts') },
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
  legalComments: 'none',
  external: ['better-sqlite3', 'pg-native'],
  // Its entry for require hides its own modules from a bundler.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  // Bundled CommonJS packages ask for Node's own modules by require.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  plugins: [englishZod],
  write: false,
  logLevel: 'warning',
})

// Only what differs is written: a program that runs from here goes on undisturbed.
const isThere = (path: string, contents: Uint8Array) => existsSync(path) && readFileSync(path).equals(contents)
for (const { path, contents } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true })
  if (!isThere(path, contents)) writeFileSync(path, contents)
}
const made = new Set(outputFiles.map(({ path }) => path))
for (const entry of readdirSync(join(import.meta.dirname, 'dist'), { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name)
  if (!entry.isDirectory() && !made.has(path)) rmSync(path)
}

const total = outputFiles.reduce((sum, { contents }) => sum + contents.length, 0)
console.log(`dist: ${outputFiles.length} files, ${Math.round(total / 1024)} KB`)
