import type { Touching } from './reach.ts'

/** What the person does meanwhile, in the own repository: each alone, and all in one order, give the same bytes wherever SPEKI is at. */
export const PERSON: readonly Touching[] = [
  { name: 'commits', touches: ['head'], run: 'echo more >> docs/more.txt; git add docs/more.txt; git commit -qm More' },
  { name: 'commits everything', touches: ['head'], run: 'git add -A; git commit -qm All' },
  { name: 'amends', touches: ['head'], run: 'git commit -q --amend -m "Another word"' },
  {
    name: 'stashes',
    touches: ['stash', 'head'],
    run: 'echo idea >> src/draft.txt; git stash push -q -m "idea of now"',
  },
  { name: 'drops the second stash entry', touches: ['stash'], run: 'git stash drop -q "stash@{1}"' },
  { name: 'pops the stash', touches: ['stash', 'head'], run: 'git stash push -q -m x; git stash pop -q' },
  {
    name: 'edits files',
    touches: ['files'],
    run: 'echo edit >> src/draft.txt; echo edit >> notes.txt; rm -f out/app.bin',
  },
  {
    name: 'makes files',
    touches: ['files'],
    run: 'mkdir -p new; echo n > new/n.txt; echo i > new/i.cache; chmod 700 new',
  },
  {
    name: 'moves and links',
    touches: ['head'],
    run: 'git mv README.md READ.md; ln -sf src/main.js now; chmod +x check.sh',
  },
  {
    name: 'stages in part',
    touches: ['head'],
    run: 'echo ', // a' >> src/main.js; git add src/main.js; echo '// b' >> src/main.js',
  },
  {
    name: 'makes a branch',
    touches: ['branches', 'config'],
    run: 'git branch topic; git branch -q --track follow feature/login',
  },
  {
    name: 'switches to another branch',
    touches: ['head', 'stash', 'branches'],
    run: 'git stash push -q -u -m away; git checkout -q feature/login; echo f >> src/login.txt; git commit -qam Further',
  },
  { name: 'deletes a branch', touches: ['branches', 'config'], run: 'git branch -q -D speki' },
  {
    name: "makes a branch of SPEKI's name",
    touches: ['branches'],
    run: 'git branch -f speki-notes; git branch speki/cs-9; git branch -D speki/cs-9',
  },
  { name: 'tags', touches: ['tags'], run: 'git tag now; git tag -a -m Two v2; git tag -d light' },
  {
    name: 'configures',
    touches: ['config'],
    run: 'git config user.signingkey 123456; git config --unset-all ada.list; git config branch.main.rebase true',
  },
  {
    name: 'adds a remote',
    touches: ['remotes', 'config', 'refs'],
    run: 'git remote add backup "$R"; git fetch -q backup',
  },
  {
    name: 'installs a hook',
    touches: ['files'],
    run: 'printf "#!/bin/sh\\nexit 0\\n" > .git/hooks/pre-push; chmod 755 .git/hooks/pre-push; rm .git/hooks/post-commit',
  },
  {
    name: 'ignores more',
    touches: ['files'],
    run: 'echo "*.tmp" >> .git/info/exclude; echo "*.bin -diff" >> .git/info/attributes',
  },
  {
    name: 'works in the other worktree',
    touches: ['worktrees', 'branches'],
    run: 'cd "$L"; git commit -qam Mended; echo on >> src/new.txt',
  },
  {
    name: 'adds a worktree',
    touches: ['worktrees', 'branches'],
    run: 'git worktree add -q "$L-2" -b second; echo two > "$L-2/two.txt"',
  },
  {
    name: 'removes the other worktree',
    touches: ['worktrees', 'branches', 'config'],
    run: 'git worktree remove --force "$L"; git branch -q -D hotfix',
  },
  { name: 'pushes', touches: ['refs', 'remotes'], run: 'git push -q origin main:refs/heads/shared feature/login' },
  { name: 'resets', touches: ['head'], run: 'git reset -q --hard HEAD~1' },
  {
    name: 'rebases',
    touches: ['head', 'stash', 'branches'],
    run: 'git stash push -q -m rebasing; git checkout -q -B onto feature/login; git rebase -q main',
  },
  {
    name: 'notes and own refs',
    touches: ['refs'],
    run: 'git notes add -f -m "seen" HEAD; git update-ref refs/custom/other HEAD; git update-ref -d refs/custom/mark',
  },
  { name: 'packs', touches: [], run: 'git pack-refs --all; git repack -dq' },
  {
    name: 'works elsewhere',
    touches: [],
    run: 'echo x >> "$F/deep/er/two.txt"; echo y > "$H/.config/app/settings"; cd "$O"; git add -A; git commit -qm Elsewhere',
  },
  {
    name: 'flags files',
    touches: ['head'],
    run: 'git update-index --no-assume-unchanged src/kept.txt; git update-index --skip-worktree README.md',
  },
  {
    name: 'begins a merge',
    touches: ['head', 'stash'],
    run: 'git stash push -q -m merging; git merge -q --no-commit --no-ff feature/login',
  },
]
