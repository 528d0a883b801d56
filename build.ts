import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
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
rmSync('dist', { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: { cli: 'src/cli.ts' },
  outdir: 'dist',
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
  // Bundled CommonJS packages ask for Node's own modules by require.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  plugins: [englishZod],
  metafile: true,
  logLevel: 'warning',
})
const outputs = Object.keys(metafile.outputs)
const total = outputs.reduce((sum, file) => sum + statSync(file).size, 0)
console.log(
  `dist: ${outputs.length} files, ${Math.round(total / 1024)} KB; ${join('dist', 'cli.js')} ${Math.round(statSync('dist/cli.js').size / 1024)} KB`,
)
