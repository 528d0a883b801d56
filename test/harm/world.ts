import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Where everything of a world lies; the place is the same in each history, because paths stand in databases. */
export interface Place {
  readonly home: string
  /** The person's repository, on which agents work. */
  readonly api: string
  /** Another worktree of it, in which the person mends something. */
  readonly hotfix: string
  /** Beside them: a repository that nobody registered, and a folder of files. */
  readonly other: string
  readonly files: string
  readonly remote: string
  /** SPEKI's own. */
  readonly data: string
}

export function placeIn(folder: string): Place {
  const projects = join(folder, 'projects')
  return {
    home: join(folder, 'home'),
    api: join(projects, 'api'),
    hotfix: join(projects, 'api-hotfix'),
    other: join(projects, 'other'),
    files: join(projects, 'files'),
    remote: join(folder, 'remotes', 'api.git'),
    data: join(folder, 'data'),
  }
}

/** What a person's shell knows, with a clock that stands: the same acts give the same commits. */
function personEnvironment({ home, api, hotfix, other, files, remote }: Place, at = 0): NodeJS.ProcessEnv {
  const date = `${1_700_000_000 + at * 60} +0000`
  return {
    PATH: process.env['PATH'],
    HOME: home,
    LC_ALL: 'C',
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
    GIT_EDITOR: 'true',
    PERSON: '1',
    ...{ P: api, L: hotfix, O: other, F: files, R: remote, H: home },
  }
}

/** Runs a script as the person; what fails in it is part of the story. */
export function asPerson(place: Place, script: string, at: number): void {
  execFileSync('sh', ['-c', `${script}\ntrue`], { cwd: place.api, stdio: 'ignore', env: personEnvironment(place, at) })
}

/** A repository as a person has it after some months, and what lies around it. */
const MAKE = `
set -e
mkdir -p "$H/.ssh" "$H/.config/app" "$P" "$O" "$F/deep/er" "$(dirname "$R")"
printf 'key\\n' > "$H/.ssh/id"; chmod 600 "$H/.ssh/id"; chmod 700 "$H/.ssh"
printf 'alias ll=ls\\n' > "$H/.profile"; printf 'a=1\\n' > "$H/.config/app/settings"
git config --global user.name Ada; git config --global user.email ada@example.org
git config --global init.defaultBranch main; git config --global advice.detachedHead false
printf 'one\\n' > "$F/one.txt"; printf 'two\\n' > "$F/deep/er/two.txt"; ln -s one.txt "$F/link"; chmod 444 "$F/one.txt"
git init -q --bare "$R"
cd "$O"; git init -q; echo other > other.txt; git add -A; git commit -qm Other; echo more > untracked.txt
cd "$P"; git init -q
mkdir -p src docs bin
printf 'main\\n' > src/main.js; printf 'draft\\n' > src/draft.txt; printf 'kept\\n' > src/kept.txt
printf 'out/\\n.env\\n*.cache\\n' > .gitignore; printf '*.txt text\\n' > .gitattributes
printf 'test -s src/main.js\\n' > check.sh; printf '# Api\\n' > README.md
printf '#!/bin/sh\\necho tool\\n' > bin/tool; chmod 755 bin/tool; ln -s ../README.md docs/readme
git add -A; git commit -qm Begin
git tag -a -m 'Zero nine' v0.9
echo 'export const second = 2' >> src/main.js; git commit -qam Second; git tag light
git branch feature/login; git branch speki; git branch hotfix
git checkout -q feature/login; echo login > src/login.txt; git add -A; git commit -qm Login; git checkout -q main
echo lost > src/lost.txt; git add -A; git commit -qm Lost; git reset -q --hard HEAD~1
git tag -a -m One v1; git notes add -m 'reviewed' HEAD; git update-ref refs/custom/mark HEAD~1
git remote add origin "$R"; git push -q origin main feature/login v1; git fetch -q; git branch -q --set-upstream-to=origin/main main
for idea in first second third; do echo $idea >> src/draft.txt; git stash push -q -m "$idea idea"; done
git config --add remote.origin.fetch '+refs/notes/*:refs/notes/*'
git config alias.tell '!f() { echo "a \\"b\\"";
echo c; }; f'
git config user.signingkey ABCDEF; git config --add ada.list one; git config --add ada.list two
printf 'private/\\n' > .git/info/exclude; printf '*.md text\\n' > .git/info/attributes
for hook in pre-commit post-checkout post-commit reference-transaction post-index-change; do
  printf '#!/bin/sh\\ntest -n "$PERSON$AGENT" || echo %s >> "$HOME/hooks.log"\\n' $hook > .git/hooks/$hook; chmod 755 .git/hooks/$hook
done
git worktree add -q "$L" hotfix
echo "export const mending = 3" >> "$L/src/main.js"; echo new > "$L/src/new.txt"
echo edited >> src/draft.txt; echo staged > src/staged.txt; git add src/staged.txt
echo notes > notes.txt; mkdir -p out private empty 'odd names'; echo built > out/app.bin; echo KEY=1 > .env; chmod 600 .env
echo mine > private/mine.txt; echo odd > 'odd names/ä b.txt'
git update-index --assume-unchanged src/kept.txt; echo changed > src/kept.txt
`

export function makeWorld(place: Place): void {
  execFileSync('mkdir', ['-p', place.api, place.data])
  execFileSync('sh', ['-c', MAKE], {
    cwd: place.api,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: personEnvironment(place),
  })
}

/** Everything that is the person's, by name. */
export type Picture = ReadonlyMap<string, string>

/** Of a git folder these are read through git, or are locks, logs and messages of whoever called git last. */
const THROUGH_GIT = /^(?:objects|refs|packed-refs|logs|index|COMMIT_EDITMSG|ORIG_HEAD|FETCH_HEAD|gc\.log|.*\.lock)$/

export function takePicture(place: Place): Picture {
  const picture = new Map<string, string>()
  for (const name of ['home', 'api', 'hotfix', 'other', 'files'] as const) addFiles(picture, name, place[name])
  for (const name of ['api', 'other', 'remote'] as const) addRefs(picture, name, place[name])
  for (const name of ['api', 'hotfix', 'other'] as const) addIndex(picture, name, place[name])
  return picture
}

export function addFiles(picture: Map<string, string>, name: string, path: string): void {
  const info = lstatSync(path, { throwIfNoEntry: false })
  if (info === undefined) return
  const mode = (info.mode & 0o7777).toString(8)
  if (info.isDirectory()) {
    picture.set(name, `folder ${mode}`)
    const isGit = /\/\.git(?:\/worktrees\/[^/]+)?$/.test(path)
    // A list of all refs, ours too, that packing writes.
    for (const entry of readdirSync(path))
      if (!(path.endsWith('.git/info') && entry === 'refs') && !(isGit && THROUGH_GIT.test(entry)))
        addFiles(picture, `${name}/${entry}`, join(path, entry))
  } else if (info.isSymbolicLink()) picture.set(name, `link ${readlinkSync(path)}`)
  else if (info.isFile()) picture.set(name, `file ${mode} ${info.nlink} ${hashOf(readFileSync(path))}`)
  else picture.set(name, `special ${mode}`)
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)

/** What SPEKI makes in a repository with right. */
const OURS = /^refs\/(?:(?:heads\/)?speki\/|heads\/speki-[0-9a-f]{8}-cs-\d+$)/

export function addRefs(picture: Map<string, string>, name: string, root: string): void {
  const refs = git(root, 'for-each-ref', '--format=%(refname) %(objectname) %(symref)').split('\n')
  for (const line of refs) {
    const [ref = '', ...to] = line.split(' ')
    if (ref !== '' && !OURS.test(ref)) picture.set(`${name} ${ref}`, to.join(' '))
  }
  picture.set(`${name} settings`, settingsOf(root))
  picture.set(`${name} stash`, git(root, 'stash', 'list', '--format=%H %gs'))
  // What a person can still find by a reflog, or as a loose end, and has not lost.
  for (const object of git(root, 'cat-file', '--batch-all-objects', '--batch-check').split('\n'))
    if (object !== '') picture.set(`${name} object ${object}`, 'there')
}

/** What the settings say, in the order that counts: that of values of one name. */
function settingsOf(root: string): string {
  const entries = git(root, 'config', '--local', '--list', '-z').split('\0')
  const keyOf = (entry: string) => entry.split('\n', 1)[0] ?? ''
  return entries.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0)).join('\0')
}

export function addIndex(picture: Map<string, string>, name: string, root: string): void {
  picture.set(`${name} index`, git(root, 'ls-files', '-v', '-s'))
  picture.set(`${name} status`, git(root, 'status', '--porcelain', '--ignored'))
  picture.set(`${name} reflog`, git(root, 'reflog', '--format=%H %gs', 'HEAD'))
}

function git(root: string, ...args: string[]): string {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' }
  const hookless = ['-c', 'core.hooksPath=/dev/null', '-c', 'safe.directory=*', ...args]
  try {
    return execFileSync('git', hookless, { cwd: root, encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (error) {
    return `git failed: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Whether every line is still there, in order. */
function holdsAll(now: string | undefined, wanted: string): boolean {
  const lines = (now ?? '').split('\n')
  let at = 0
  return wanted.split('\n').every((line) => {
    at = lines.indexOf(line, at) + 1
    return at > 0
  })
}

/** What is not as the person made it. More objects and reflog entries than the person's are no harm. */
export function harmOf(wanted: Picture, found: Picture): readonly string[] {
  const harm: string[] = []
  for (const [name, value] of wanted) {
    const now = found.get(name)
    if (now !== value && !(name.endsWith(' reflog') && holdsAll(now, value)))
      harm.push(`${name}: ${value.slice(0, 300)} became ${(now ?? 'nothing').slice(0, 300)}`)
  }
  for (const [name, value] of found)
    if (!wanted.has(name) && !/^\w+ object /.test(name)) harm.push(`${name}: nothing became ${value.slice(0, 300)}`)
  return harm
}
