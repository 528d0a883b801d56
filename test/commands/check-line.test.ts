import { expect, test } from 'vitest'
import { checkFromLine } from '../../src/commands/check-line.ts'

test.skipIf(process.platform === 'win32').each([
  ['npm test', ['npm', 'test']],
  ['pytest -k "not slow" tests', ['pytest', '-k', 'not slow', 'tests']],
  ["go test -run 'TestA|TestB' ./...", ['go', 'test', '-run', 'TestA|TestB', './...']],
  ['phpunit --filter a\\ b', ['phpunit', '--filter', 'a b']],
  ['cd api && npm test', ['sh', '-c', 'cd api && npm test']],
  ['PYTHONPATH=src pytest', ['sh', '-c', 'PYTHONPATH=src pytest']],
  ['node --test test/*.js', ['sh', '-c', 'node --test test/*.js']],
  ['pytest | tee log', ['sh', '-c', 'pytest | tee log']],
  ['./run --home "$HOME"', ['sh', '-c', './run --home "$HOME"']],
  ['~/bin/check', ['sh', '-c', '~/bin/check']],
])('%s is understood as the shell would', (line, argv) => {
  expect(checkFromLine('test', line)).toEqual({ kind: 'test', argv, source: 'person' })
})

test.each([
  ['', /is empty/],
  ['cd api', /runs nothing/],
  ['export A=1', /runs nothing/],
  ['pytest -k "not slow', /not what a shell understands/],
  ['a && ( b', /not what a shell understands/],
])('%j is refused with a clear word', (line, why) => {
  expect(() => checkFromLine('test', line)).toThrow(why)
})
