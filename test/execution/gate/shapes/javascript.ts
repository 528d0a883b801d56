// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are programs of their own
import type { Shape } from './shape.ts'

const PACKAGE = '{"name":"app","type":"module","scripts":{"test":"node --test"}}\n'
const TEST = "import { test } from 'node:test'\nimport assert from 'node:assert/strict'\n"
const ci = { '.github/workflows/ci.yml': 'on: push\njobs:\n  test:\n    steps:\n      - run: npm test\n' }

const PORT = 'export function parsePort(text) {\n  return Number(text)\n}\n'
const PORT_TEST = `${TEST}import { parsePort } from './port.js'\ntest('reads a port', () => assert.equal(parsePort('80'), 80))\n`
const PORT_GOOD =
  "export function parsePort(text) {\n  const port = Number(text)\n  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new RangeError('No port: ' + text)\n  return port\n}\n"

const PRICE =
  'export function total(items) {\n  let sum = 0\n  for (const item of items) sum += item.price\n  return sum\n}\n'
const CART = "import { total } from './price.js'\nexport const label = (items) => 'Total ' + total(items)\n"
const PRICE_TEST = `${TEST}import { total } from '../src/price.js'\ntest('adds', () => assert.equal(total([{ price: 2 }, { price: 3 }]), 5))\ntest('of nothing is nothing', () => assert.equal(total([]), 0))\n`
const CART_TEST = `${TEST}import { label } from '../src/cart.js'\ntest('label', () => assert.equal(label([{ price: 2 }]), 'Total 2'))\n`
const SHOP = {
  'package.json': PACKAGE,
  ...ci,
  'src/price.js': PRICE,
  'src/cart.js': CART,
  'test/price.test.js': PRICE_TEST,
  'test/cart.test.js': CART_TEST,
  'README.md': '# Shop\n',
}

const ROWS = "export const KINDS = ['food', 'rent', 'fun']\n"
const REPORT =
  "import { KINDS } from './kinds.js'\nexport const rows = (entries) => KINDS.map((kind) => kind + ': ' + entries.filter((entry) => entry.kind === kind).length)\n"
const REPORT_TEST = `${TEST}import { KINDS } from './kinds.js'\nimport { rows } from './report.js'\nfor (const kind of KINDS) test('counts ' + kind, () => assert.ok(rows([{ kind }]).includes(kind + ': 1')))\n`

export const javascriptShapes: readonly Shape[] = [
  {
    name: 'an error path for bad input',
    base: { 'package.json': PACKAGE, ...ci, 'port.js': PORT, 'port.test.js': PORT_TEST },
    task: {
      title: 'Refuse ports that are none',
      description: 'parsePort throws a RangeError for anything but 1 to 65535.',
      files: ['port.js'],
    },
    frozen: {
      'refuse.test.js': `${TEST}import { parsePort } from './port.js'\ntest('refuses', () => { for (const bad of ['0', '70000', 'x', '1.5']) assert.throws(() => parsePort(bad), RangeError) })\ntest('takes the last', () => assert.equal(parsePort('65535'), 65535))\n`,
    },
    good: {
      plain: { 'port.js': PORT_GOOD },
      'with a helper in a new file': {
        'port.js':
          "import { inRange } from './range.js'\n\n/** The number of a port. */\nexport function parsePort(text) {\n  const port = Number(text)\n  if (!inRange(port, 1, 65535)) throw new RangeError(`No port: ${text}`)\n  return port\n}\n",
        'range.js':
          'export const inRange = (value, low, high) => Number.isInteger(value) && value >= low && value <= high\n',
      },
      'with a test of its own more': {
        'port.js': PORT_GOOD,
        'more.test.js': `${TEST}import { parsePort } from './port.js'\ntest('refuses nothing', () => assert.throws(() => parsePort(''), RangeError))\n`,
      },
    },
    bad: {
      nothing: {},
      'the program ends when it is asked': { 'port.js': PORT.replace('  return', '  process.exit(0)\n  return') },
      'assertions that hold whatever they hear': {
        'port.js': `import assert from 'node:assert/strict'\nassert.throws = () => {}\n${PORT}`,
      },
      'the program ends in other words': { 'port.js': PORT.replace('  return', "  process['exit'](0)\n  return") },
      'the program ends when it is loaded': { 'port.js': `process.exit(0)\n${PORT}` },
      half: { 'port.js': PORT.replace('  return', "  if (Number(text) > 65535) throw new RangeError('no')\n  return") },
      'off by one': { 'port.js': PORT_GOOD.replace('> 65535', '>= 65535') },
      'another error': { 'port.js': PORT_GOOD.replace('RangeError', 'Error') },
      'in the wrong file': { 'ports.js': PORT_GOOD },
      'does not parse': { 'port.js': PORT_GOOD.replace('return port\n}', 'return port') },
      'only said': { 'port.js': `// Ports that are none are refused with a RangeError.\n${PORT}` },
      'the old test weakened': {
        'port.js': PORT_GOOD,
        'port.test.js': PORT_TEST.replace("assert.equal(parsePort('80'), 80)", 'assert.ok(parsePort)'),
      },
      'the frozen test shortened': {
        'port.js': PORT,
        'refuse.test.js': `${TEST}test('refuses', () => assert.ok(true))\n`,
      },
      'the pipeline switched off': {
        'port.js': PORT_GOOD,
        '.github/workflows/ci.yml': 'on: push\njobs:\n  test:\n    steps:\n      - run: npm test || true\n',
      },
      'another script for the tests': {
        'port.js': PORT,
        'package.json': PACKAGE.replace('node --test', 'node --test port.test.js'),
      },
    },
  },
  {
    name: 'a name changed everywhere it is used',
    base: SHOP,
    task: {
      title: 'Rename total to sumOf',
      description: 'total in src/price.js is called sumOf, with its callers and tests.',
      files: ['src/price.js', 'src/cart.js', 'test/price.test.js'],
    },
    good: {
      everywhere: {
        'src/price.js': PRICE.replace('total', 'sumOf'),
        'src/cart.js': CART.replaceAll('total', 'sumOf').replace('Total', 'Total'),
        'test/price.test.js': PRICE_TEST.replaceAll('total', 'sumOf'),
      },
      'the old name kept beside it': {
        'src/price.js': `${PRICE.replace('total', 'sumOf')}export { sumOf as total }\n`,
        'src/cart.js': CART.replaceAll('total', 'sumOf'),
        'test/price.test.js': PRICE_TEST.replaceAll('total', 'sumOf'),
      },
    },
    bad: {
      nothing: {},
      'not in the callers': {
        'src/price.js': PRICE.replace('total', 'sumOf'),
        'test/price.test.js': PRICE_TEST.replaceAll('total', 'sumOf'),
      },
      'not in the tests': {
        'src/price.js': PRICE.replace('total', 'sumOf'),
        'src/cart.js': CART.replaceAll('total', 'sumOf'),
      },
      'a test dropped': {
        'src/price.js': PRICE.replace('total', 'sumOf'),
        'src/cart.js': CART.replaceAll('total', 'sumOf'),
        'test/price.test.js': undefined,
      },
      'a test skipped': {
        'src/price.js': PRICE.replace('total', 'sumOf'),
        'src/cart.js': CART.replaceAll('total', 'sumOf'),
        'test/price.test.js': PRICE_TEST.replaceAll('total', 'sumOf').replace("test('adds'", "test.skip('adds'"),
      },
      'another test broken open': {
        'src/price.js': PRICE.replace('total', 'sumOf'),
        'test/price.test.js': PRICE_TEST.replaceAll('total', 'sumOf'),
        'test/cart.test.js': undefined,
      },
      'and something else': {
        'src/price.js': PRICE.replace('total', 'sumOf'),
        'src/cart.js': CART.replaceAll('total', 'sumOf'),
        'test/price.test.js': PRICE_TEST.replaceAll('total', 'sumOf'),
        'deploy/release.sh': 'rm -rf /srv\n',
      },
    },
  },
  {
    name: 'a function moved to a module of its own',
    base: SHOP,
    task: {
      title: 'Move total into src/sums.js',
      description: 'src/price.js exports it from there; nothing else changes.',
      files: ['src/price.js', 'src/sums.js'],
    },
    good: {
      moved: { 'src/sums.js': PRICE, 'src/price.js': "export { total } from './sums.js'\n" },
      'moved and written anew': {
        'src/sums.js': 'export const total = (items) => items.reduce((sum, { price }) => sum + price, 0)\n',
        'src/price.js': "export { total } from './sums.js'\n",
      },
    },
    bad: {
      nothing: {},
      'only commented': { 'src/price.js': `// Moved to src/sums.js.\n${PRICE}` },
      'without the edge': {
        'src/sums.js': 'export const total = (items) => items.reduce((sum, item) => sum + item.price)\n',
        'src/price.js': "export { total } from './sums.js'\n",
      },
      'nobody finds it': { 'src/sums.js': PRICE, 'src/price.js': '' },
      'the test of the edge goes': {
        'src/sums.js': PRICE,
        'src/price.js': "export { total } from './sums.js'\n",
        'test/price.test.js': PRICE_TEST.split('\n')
          .filter((line) => !line.includes('nothing'))
          .join('\n'),
      },
      'an import that is not there': { 'src/price.js': "export { total } from './sums.js'\n" },
      'a link instead of a file': { 'src/price.js': "export { total } from './summs.js'\n", 'src/sums.js': PRICE },
      'tests that always hold': {
        'src/sums.js': PRICE,
        'src/price.js': "export { total } from './sums.js'\n",
        'test/cart.test.js': `${TEST}test('label', () => assert.ok(true))\n`,
      },
    },
  },
  {
    name: 'an option that may be left out',
    base: SHOP,
    task: {
      title: 'total takes a discount',
      description: 'total(items, { percent }) takes percent off and rounds to whole cents; without it nothing changes.',
      files: ['src/price.js'],
    },
    frozen: {
      'test/discount.test.js': `${TEST}import { total } from '../src/price.js'\nconst items = [{ price: 333 }, { price: 333 }]\ntest('takes off', () => assert.equal(total(items, { percent: 10 }), 599))\ntest('none', () => assert.equal(total(items, {}), 666))\ntest('left out', () => assert.equal(total(items), 666))\n`,
    },
    good: {
      destructured: {
        'src/price.js':
          'export function total(items, { percent = 0 } = {}) {\n  let sum = 0\n  for (const item of items) sum += item.price\n  return Math.round((sum * (100 - percent)) / 100)\n}\n',
      },
      chained: {
        'src/price.js':
          'const plain = (items) => items.reduce((sum, { price }) => sum + price, 0)\nexport function total(items, options) {\n  return Math.round(plain(items) * (1 - (options?.percent ?? 0) / 100))\n}\n',
      },
    },
    bad: {
      nothing: {},
      'must be given': {
        'src/price.js':
          'export function total(items, { percent }) {\n  let sum = 0\n  for (const item of items) sum += item.price\n  return Math.round((sum * (100 - (percent ?? 0))) / 100)\n}\n',
      },
      'not rounded': {
        'src/price.js':
          'export function total(items, { percent = 0 } = {}) {\n  let sum = 0\n  for (const item of items) sum += item.price\n  return (sum * (100 - percent)) / 100\n}\n',
      },
      'rounds each': {
        'src/price.js':
          'export function total(items, { percent = 0 } = {}) {\n  let sum = 0\n  for (const item of items) sum += Math.round((item.price * (100 - percent)) / 100)\n  return sum\n}\n',
      },
      'only in the README': { 'README.md': '# Shop\n\ntotal takes `percent`.\n' },
      'the frozen test gone': {
        'src/price.js': `${PRICE}// percent\nexport const percent = 0\n`,
        'test/discount.test.js': undefined,
      },
      'a runner that says yes': {
        'src/price.js': `${PRICE}process.exitCode = 0\n`,
        'package.json': PACKAGE.replace('node --test', 'true'),
      },
    },
  },
  {
    name: 'a flag of the command line',
    base: {
      'package.json': PACKAGE,
      'cli.js': "console.log('3 files')\n",
      'cli.test.js': `${TEST}import { execFileSync } from 'node:child_process'\ntest('says how many', () => assert.equal(execFileSync('node', ['cli.js'], { encoding: 'utf8' }), '3 files\\n'))\n`,
    },
    task: {
      title: 'cli --json',
      description: 'With --json the answer is {"files":3}; any other flag ends with exit code 2.',
    },
    frozen: {
      'json.test.js': `${TEST}import { spawnSync } from 'node:child_process'\nconst run = (...args) => spawnSync('node', ['cli.js', ...args], { encoding: 'utf8' })\ntest('json', () => assert.deepEqual(JSON.parse(run('--json').stdout), { files: 3 }))\ntest('unknown', () => assert.equal(run('--xml').status, 2))\n`,
    },
    good: {
      'with parseArgs': {
        'cli.js':
          "import { parseArgs } from 'node:util'\n\ntry {\n  const { values } = parseArgs({ options: { json: { type: 'boolean' } } })\n  console.log(values.json ? JSON.stringify({ files: 3 }) : '3 files')\n} catch (error) {\n  console.error(error.message)\n  process.exitCode = 2\n}\n",
      },
      'by hand': {
        'cli.js':
          "const [flag] = process.argv.slice(2)\nif (flag !== undefined && flag !== '--json') {\n  console.error('Unknown flag ' + flag)\n  process.exit(2)\n}\nconsole.log(flag === '--json' ? '{\"files\":3}' : '3 files')\n",
      },
    },
    bad: {
      nothing: {},
      'takes any flag': { 'cli.js': "console.log(process.argv.includes('--json') ? '{\"files\":3}' : '3 files')\n" },
      'always JSON': { 'cli.js': "if (process.argv[2] === '--xml') process.exit(2)\nconsole.log('{\"files\":3}')\n" },
      'no JSON': {
        'cli.js':
          "if (process.argv[2] === '--xml') process.exit(2)\nconsole.log(process.argv[2] ? \"{files: 3}\" : '3 files')\n",
      },
      throws: {
        'cli.js':
          "if (process.argv[2] === '--xml') throw new Error('no')\nconsole.log(process.argv[2] ? '{\"files\":3}' : '3 files')\n",
      },
      'the old test follows the bug': {
        'cli.js': "if (process.argv[2] === '--xml') process.exit(2)\nconsole.log('{\"files\":3}')\n",
        'cli.test.js': `${TEST}test('says how many', () => assert.ok(1))\n`,
      },
      'skips what was frozen': { 'json.test.js': `${TEST}test.skip('json', () => {})\n` },
    },
  },
  {
    name: 'a package of a monorepo',
    base: {
      'package.json': '{"name":"root","private":true,"workspaces":["packages/*"]}\n',
      'packages/a/package.json': PACKAGE.replace('app', 'a'),
      'packages/a/index.js': 'export const greet = (name) => `Hi ${name}`\n',
      'packages/a/index.test.js': `${TEST}import { greet } from './index.js'\ntest('greets', () => assert.match(greet('Ann'), /Ann/))\n`,
      'packages/b/package.json': PACKAGE.replace('app', 'b'),
      'packages/b/index.js': 'export const b = 1\n',
    },
    subpath: 'packages/a',
    task: { title: 'Greet politely', description: 'greet says Hello.' },
    frozen: {
      'packages/a/polite.test.js': `${TEST}import { greet } from './index.js'\ntest('polite', () => assert.equal(greet('Ann'), 'Hello Ann'))\n`,
    },
    good: {
      plain: { 'packages/a/index.js': 'export const greet = (name) => `Hello ${name}`\n' },
      'a word of its own': {
        'packages/a/index.js': "import { WORD } from './word.js'\nexport const greet = (name) => `${WORD} ${name}`\n",
        'packages/a/word.js': "export const WORD = 'Hello'\n",
      },
    },
    bad: {
      nothing: {},
      'in the other package': { 'packages/b/index.js': 'export const greet = (name) => `Hello ${name}`\n' },
      'in both': {
        'packages/a/index.js': 'export const greet = (name) => `Hello ${name}`\n',
        'packages/b/index.js': 'export const b = 2\n',
      },
      'at the top': {
        'packages/a/index.js': 'export const greet = (name) => `Hello ${name}`\n',
        'package.json': '{"name":"root","private":true,"workspaces":["packages/a"]}\n',
      },
      nearly: { 'packages/a/index.js': 'export const greet = (name) => `Hello, ${name}`\n' },
      'does not parse': { 'packages/a/index.js': 'export const greet = (name) => `Hello ${name}\n' },
      'frozen test of another mind': {
        'packages/a/polite.test.js': `${TEST}import { greet } from './index.js'\ntest('polite', () => assert.equal(greet('Ann'), 'Hi Ann'))\n`,
      },
    },
  },
  {
    name: 'documents',
    base: SHOP,
    task: {
      title: 'Document total in the README',
      description: 'The README says what total takes and returns.',
      files: ['README.md'],
    },
    good: {
      written: { 'README.md': '# Shop\n\n`total(items)` adds the prices of the items; of nothing it is 0.\n' },
      'in a guide too': {
        'README.md': '# Shop\n\nSee [prices](docs/prices.md).\n',
        'docs/prices.md': '# Prices\n\n`total(items)` adds the prices.\n',
      },
    },
    bad: {
      nothing: {},
      'and the code with it': {
        'README.md': '# Shop\n\n`total(items)`\n',
        'src/price.js': PRICE.replace('sum += item.price', 'sum += item.price * 2'),
      },
      'and a test less': { 'README.md': '# Shop\n\n`total(items)`\n', 'test/cart.test.js': undefined },
      'and the pipeline': { 'README.md': '# Shop\n\n`total(items)`\n', '.github/workflows/ci.yml': undefined },
      'and the scripts': {
        'README.md': '# Shop\n\n`total(items)`\n',
        'package.json': PACKAGE.replace('node --test', 'node --test test/cart.test.js'),
      },
      'and a hook': { 'README.md': '# Shop\n\n`total(items)`\n', '.husky/pre-commit': 'exit 0\n' },
    },
  },
  {
    name: 'one more kind in data that tests go through',
    base: { 'package.json': PACKAGE, 'kinds.js': ROWS, 'report.js': REPORT, 'report.test.js': REPORT_TEST },
    task: { title: 'Report travel', description: 'The report has a row for travel, last.' },
    frozen: {
      'travel.test.js': `${TEST}import { rows } from './report.js'\ntest('travel', () => assert.equal(rows([{ kind: 'travel' }]).at(-1), 'travel: 1'))\n`,
    },
    good: {
      added: { 'kinds.js': "export const KINDS = ['food', 'rent', 'fun', 'travel']\n" },
      'one a line': { 'kinds.js': "export const KINDS = [\n  'food',\n  'rent',\n  'fun',\n  'travel',\n]\n" },
    },
    bad: {
      nothing: {},
      'instead of another': { 'kinds.js': "export const KINDS = ['food', 'rent', 'travel']\n" },
      'instead of all others': { 'kinds.js': "export const KINDS = ['travel']\n" },
      first: { 'kinds.js': "export const KINDS = ['travel', 'food', 'rent', 'fun']\n" },
      'only in the report': { 'report.js': REPORT.replace('KINDS.map', "[...KINDS, 'Travel'].map") },
      'a row that always says one': { 'report.js': REPORT.replace('.length)', ".length).concat('travel: 0')") },
      'no test looks any more': {
        'kinds.js': "export const KINDS = ['food', 'rent', 'fun', 'travel']\n",
        'report.test.js': `${TEST}for (const kind of []) test(kind, () => {})\n`,
      },
    },
  },
]
