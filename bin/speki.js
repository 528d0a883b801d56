#!/usr/bin/env node
// Starts the program on a Node that is new enough. Written so that any Node with ES modules can read it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { handOver } from './hand-over.js'

const self = fileURLToPath(import.meta.url)
const program = join(dirname(self), '..', 'dist', 'cli.js')
const [major, minor] = process.versions.node.split('.').map(Number)

if (major > 22 || (major === 22 && minor >= 14)) {
  if (!existsSync(program)) fail('SPEKI is not built yet. Run: npm ci')
  // Compiled code is kept between starts; where the folder cannot be written, starts are merely slower.
  nodeModule.enableCompileCache()
  handOver()
  await import(pathToFileURL(program).href)
} else {
  const newer = findNewerNode()
  if (newer === undefined)
    fail(
      `SPEKI needs Node 22.14 or newer; this is ${process.versions.node}. Install a newer Node, or run npm ci in the folder of SPEKI.`,
    )
  const child = spawn(newer, [self, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`${newer} cannot be started: ${error.message}`))
  child.on('exit', (code, signal) => (signal === null ? process.exit(code) : process.kill(process.pid, signal)))
}

/** The Node that npm ci brings as a package. */
function findNewerNode() {
  try {
    const file = join(
      dirname(createRequire(import.meta.url).resolve('node/package.json')),
      'bin',
      process.platform === 'win32' ? 'node.exe' : 'node',
    )
    return existsSync(file) ? file : undefined
  } catch {
    return undefined
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
