import { spawnSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createRuntime } from '../../../src/app.ts'
import { readConfig } from '../../../src/config.ts'
import { personPrincipal } from '../../../src/domain/access/principals.ts'
import { getRepository } from '../../../src/domain/repository/read.ts'
import { registerRepository } from '../../../src/domain/repository/repository.ts'
import { baselineOf } from '../../../src/execution/judge/baseline.ts'
import { verify } from '../../../src/execution/judge/verify.ts'
import { withRoot } from '../../../src/execution/with-root.ts'
import { temporaryFolder } from '../../mcp/connect.ts'
import { git } from '../../mcp/workspace.ts'
import { cShapes } from './shapes/c.ts'
import { goShapes } from './shapes/go.ts'
import { javascriptShapes } from './shapes/javascript.ts'
import { pythonShapes } from './shapes/python.ts'
import { rustShapes } from './shapes/rust.ts'
import type { Files, Shape } from './shapes/shape.ts'

/** Every third, from the first on; all of them by `npm run soak`. */
const SHARE = process.env['SPEKI_SOAK'] === undefined ? 3 : 1
const caller = personPrincipal('tester', 'shapes')
const signal = AbortSignal.timeout(3_600_000)

const LANGUAGES = [
  { language: 'JavaScript', check: ['npm', 'run', 'test'], shapes: javascriptShapes },
  { language: 'Python', check: ['python3', '-m', 'unittest', '-v'], shapes: pythonShapes },
  { language: 'Rust', check: ['cargo', 'test', '--offline'], shapes: rustShapes },
  { language: 'Go', check: ['go', 'test', './...'], shapes: goShapes },
  { language: 'C', check: ['make', 'test'], shapes: cShapes },
]

describe.each(LANGUAGES)('tasks of real shape in $language, judged whole', ({ language, check, shapes }) => {
  test.skipIf(!isHere(check[0]))('good work is accepted, bad work is refused', { timeout: 3_600_000 }, async () => {
    const counts = { good: 0, accepted: 0, bad: 0, refused: 0 }
    const misses: string[] = []
    for (const shape of shapes.filter((_, index) => index % SHARE === 0)) {
      const judge = await open(shape, check)
      for (const [name, files] of Object.entries(shape.good)) {
        const { green, why } = await judge(files)
        counts.good += 1
        counts.accepted += green ? 1 : 0
        if (!green) misses.push(`${shape.name}: good, ${name}: ${why}`)
      }
      for (const [name, files] of Object.entries(shape.bad)) {
        const { green } = await judge(files)
        counts.bad += 1
        counts.refused += green ? 0 : 1
        if (green) misses.push(`${shape.name}: bad, ${name}`)
      }
    }
    console.log(
      `shapes, ${language}: ${counts.accepted} of ${counts.good} good accepted, ${counts.refused} of ${counts.bad} bad refused`,
    )
    expect(misses).toEqual([])
  })
})

/** A repository with the shape's base as its only commit; what is returned judges files laid over it. */
async function open(shape: Shape, argv: readonly string[]) {
  const folder = await temporaryFolder()
  const root = join(folder, 'app')
  put(root, shape.base)
  git(root, 'init', '--quiet', '--initial-branch=main')
  git(root, 'add', '--all')
  git(root, 'commit', '--quiet', '--message', 'Begin')
  const runtime = createRuntime(readConfig({ db: join(folder, 'speki.db') }))
  onTestFinished(async () => await runtime.close())
  const service = await runtime.open()
  const named = { name: 'app', path: root, ...(shape.subpath !== undefined && { subpath: shape.subpath }) }
  const commands = [{ kind: 'test' as const, argv: [...argv], source: 'person' as const }]
  await registerRepository(service, caller, { ...named, commands }, runtime.probe, signal)
  const repository = withRoot(await getRepository(service, caller, 'app'))
  const context = await runtime.execution()
  const base = git(root, 'rev-parse', 'HEAD').trim()
  const baseline = await baselineOf(context, caller, repository, base, signal)
  const { title, description, files = [] } = shape.task
  const frozen = new Map(Object.entries(shape.frozen ?? {}).map(([path, text]) => [path, sha256(text)]))
  return async (change: Files) => {
    git(root, 'reset', '--quiet', '--hard')
    git(root, 'clean', '--quiet', '-fdx')
    put(root, { ...shape.frozen, ...change })
    const task = { title, description, context: { files: [...files] }, testCases: [] }
    const work = {
      repository,
      worktree: root,
      base,
      baseline,
      environment: {},
      protectedPaths: [],
      caller,
      frozen,
      mark: randomUUID(),
      sandbox: undefined,
      task,
    }
    const { green, findings, checks } = await verify(context, work, signal)
    const why = [
      ...findings.map(({ message }) => message),
      ...checks.flatMap(({ firstError = [] }) => firstError),
    ].join('; ')
    return { green, why }
  }
}

/** A program that is not on this machine fails to start, whatever it thinks of the question. */
function isHere(program = ''): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function put(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    if (text === undefined) rmSync(join(root, path), { force: true })
    else writeFileSync(join(root, path), text)
  }
}
