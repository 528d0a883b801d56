import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { removeInside, removeLeftAside, removeOfAnyAge } from '../../src/files/remove.ts'
import { replaceFile, replaceInside } from '../../src/files/replace.ts'
import { temporaryFolder } from '../mcp/connect.ts'

/** A person's checkout, and a folder of SPEKI's in which an attempt was made later. */
async function world() {
  const folder = await temporaryFolder()
  const person = join(folder, 'person', 'lib')
  mkdirSync(join(person, '.git', 'refs'), { recursive: true })
  writeFileSync(join(person, '.git', 'HEAD'), 'ref: refs/heads/main\n')
  writeFileSync(join(person, 'notes.txt'), 'mine\n')
  // Ages are told apart from a second on.
  await new Promise((later) => setTimeout(later, 1100))
  const within = join(folder, 'speki.execution')
  const attempt = join(within, 'attempts', 'TASK-1-1')
  const place = join(attempt, 'lib')
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, 'made.txt'), 'made\n')
  return { folder, person, within, attempt, place }
}
type World = Awaited<ReturnType<typeof world>>

const isWhole = ({ person }: World, at = person) =>
  existsSync(join(at, '.git', 'HEAD')) && readFileSync(join(at, 'notes.txt'), 'utf8') === 'mine\n'

/** What an agent may leave in the way, and where the person's checkout is found afterwards. */
const LEFT: Readonly<Record<string, (at: World) => void>> = {
  'a link in place of the worktree': ({ person, place }) => {
    renameSync(place, `${place}.old`)
    symlinkSync(person, place)
  },
  'a link to a link to the checkout': ({ person, place, folder }) => {
    renameSync(place, `${place}.old`)
    symlinkSync(person, join(folder, 'hop'))
    symlinkSync(join(folder, 'hop'), place)
  },
  'links deep in it': ({ person, place }) => {
    mkdirSync(join(place, 'a/b/c'), { recursive: true })
    symlinkSync(person, join(place, 'a/b/c/lib'))
    symlinkSync(join(person, 'notes.txt'), join(place, 'a/notes.txt'))
    symlinkSync('/', join(place, 'a/root'))
  },
  'a second name of a file of the person': ({ person, place }) => {
    linkSync(join(person, 'notes.txt'), join(place, 'notes.txt'))
  },
  'a .git file that points at the checkout': ({ person, place }) => {
    writeFileSync(join(place, '.git'), `gitdir: ${join(person, '.git')}\n`)
  },
  'folders nobody may enter': ({ place }) => {
    mkdirSync(join(place, 'closed/deep'), { recursive: true })
    writeFileSync(join(place, 'closed/deep/x'), '')
    chmodSync(join(place, 'closed/deep'), 0)
    chmodSync(join(place, 'closed'), 0)
  },
  'names of any bytes': ({ place }) => {
    const script =
      'cd "$1" && d="$(printf \'\\377\\n..\')" && mkdir "$d" && : > "$d/$(printf \'\\376\')" && mkdir -- " " ... -rf'
    execFileSync('sh', ['-c', script, 'sh', place])
  },
  'folders deeper than a path is long': ({ place }) => {
    const script = "for (let i = 0; i < 700; i++) { fs.mkdirSync('12345678'); process.chdir('12345678') }"
    execFileSync(process.execPath, ['-e', script], { cwd: place })
  },
  'pipes and sockets': ({ place }) => {
    execFileSync('mkfifo', [join(place, 'pipe')])
  },
}

describe('what is removed is what lies there, whatever was put in the way', () => {
  test.each(Object.keys(LEFT))('%s', async (left) => {
    const at = await world()
    LEFT[left]?.(at)
    await removeInside(at.place, at.within)
    expect(existsSync(at.place)).toBe(false)
    await removeInside(at.attempt, at.within)
    expect(existsSync(at.attempt)).toBe(false)
    expect(isWhole(at)).toBe(true)
    expect(readdirSync(at.within)).toEqual(['attempts'])
  })

  test.each<[string, (at: World) => void]>([
    [
      'the folder of the attempt',
      ({ attempt, person }) => {
        renameSync(attempt, `${attempt}.old`)
        symlinkSync(join(person, '..'), attempt)
      },
    ],
    [
      'the folder of all attempts',
      ({ within, folder }) => {
        renameSync(join(within, 'attempts'), join(within, 'old'))
        mkdirSync(join(folder, 'elsewhere'))
        symlinkSync(join(folder, 'person'), join(folder, 'elsewhere', 'TASK-1-1'))
        symlinkSync(join(folder, 'elsewhere'), join(within, 'attempts'))
      },
    ],
  ])('is refused where a link leads out on the way: %s', async (_, put) => {
    const at = await world()
    put(at)
    await expect(removeInside(at.place, at.within)).rejects.toMatchObject({ code: 'precondition_failed' })
    await expect(removeInside(join(at.within, '..', 'person'), at.within)).rejects.toThrow(/leads out/)
    await expect(removeOfAnyAge(at.within, at.within)).rejects.toThrow(/leads out/)
    expect(isWhole(at)).toBe(true)
  })

  test.runIf(process.platform === 'linux').each<[string, (at: World) => void]>([
    [
      'in place of the worktree',
      ({ person, place }) => {
        renameSync(place, `${place}.old`)
        renameSync(person, place)
      },
    ],
    ['into the worktree', ({ person, place }) => renameSync(person, join(place, 'vendored'))],
    ['beside it', ({ person, attempt }) => renameSync(person, join(attempt, 'mine'))],
  ])('a checkout that was moved %s is kept', async (_, move) => {
    const at = await world()
    move(at)
    await removeInside(at.place, at.within)
    await removeInside(at.attempt, at.within)
    expect(existsSync(at.attempt)).toBe(false)
    const kept = readdirSync(join(at.within, 'kept'))
    expect(kept).toHaveLength(1)
    expect(isWhole(at, join(at.within, 'kept', kept[0] ?? ''))).toBe(true)
  })

  test('what is not there, and what a killed process had begun to remove', async () => {
    const { within, attempt } = await world()
    await removeInside(join(attempt, 'nothing', 'here'), within)
    renameSync(attempt, join(within, '.removing-left'))
    await removeLeftAside(within)
    await removeLeftAside(join(within, 'nowhere'))
    expect(readdirSync(within)).toEqual(['attempts'])
  })
})

describe('a file is replaced, never written into', () => {
  test('a link or a second name in its place goes, and what it stood for stays', async () => {
    const { person, place, within } = await world()
    const theirs = join(person, 'notes.txt')
    symlinkSync(theirs, join(place, 'link'))
    linkSync(theirs, join(place, 'second'))
    for (const name of ['link', 'second', 'new', 'made.txt']) await replaceInside(join(place, name), 'ours', within)
    for (const name of ['link', 'second', 'new', 'made.txt'])
      expect(readFileSync(join(place, name), 'utf8')).toBe('ours')
    expect(readFileSync(theirs, 'utf8')).toBe('mine\n')
    symlinkSync(person, join(place, 'out'))
    await expect(replaceInside(join(place, 'out', 'notes.txt'), 'ours', within)).rejects.toThrow(/leads out/)
    expect(readFileSync(theirs, 'utf8')).toBe('mine\n')
    expect(readlinkSync(join(place, 'out'))).toBe(person)
  })

  test('with the rights that are asked for, and nothing is left of one that cannot be written', async () => {
    const { place } = await world()
    await replaceFile(join(place, 'secret'), 'x', 0o600)
    expect(statSync(join(place, 'secret')).mode & 0o777).toBe(0o600)
    mkdirSync(join(place, 'folder', 'in'), { recursive: true })
    await expect(replaceFile(join(place, 'folder'), 'x')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/)
    expect(readdirSync(place).sort()).toEqual(['folder', 'made.txt', 'secret'])
  })
})
