import type { Act } from './vocabulary.ts'

/** Kinds of things that a person and an agent must not both change for a comparison to say who is right. */
export type Topic = 'head' | 'branches' | 'tags' | 'stash' | 'config' | 'remotes' | 'worktrees' | 'refs' | 'files'

export interface Touching extends Act {
  readonly touches: readonly Topic[]
}

export interface Reach extends Touching {
  /** What SPEKI tells of it. */
  readonly told: RegExp
}

/** Reach the person's repository by its path, with git that can be undone: without a sandbox they are told and put back. */
export const REACHING: readonly Reach[] = [
  {
    name: 'there: branch -D',
    touches: ['branches'],
    told: /refs\/heads\/feature\/login/,
    run: 'git -C "$P" branch -D feature/login',
  },
  {
    name: 'there: branch -D from below',
    touches: ['branches'],
    told: /refs\/heads\/speki\b/,
    run: 'cd "$P/src"; git branch -D speki',
  },
  {
    name: 'there: branch -D from the other worktree',
    touches: ['branches'],
    told: /refs\/heads\/speki\b/,
    run: 'cd "$L"; git branch -D speki',
  },
  {
    name: 'there: branch -D by --git-dir',
    touches: ['branches'],
    told: /refs\/heads\/speki\b/,
    run: 'git --git-dir="$P/.git" branch -D speki',
  },
  {
    name: 'there: branch -D by GIT_DIR',
    touches: ['branches'],
    told: /refs\/heads\/speki\b/,
    run: 'GIT_DIR="$P/.git" git branch -D speki',
  },
  {
    name: 'there: branch -D inside the git folder',
    touches: ['branches'],
    told: /refs\/heads\/speki\b/,
    run: 'cd "$P/.git"; git branch -D speki',
  },
  {
    name: 'there: branch -m',
    touches: ['branches', 'config'],
    told: /refs\/heads\/(?:feature\/login|gone)/,
    run: 'git -C "$P" branch -m feature/login gone',
  },
  {
    name: 'there: branch of its own',
    touches: ['branches'],
    told: /refs\/heads\/junk/,
    run: 'git -C "$P" branch junk',
  },
  {
    name: 'there: branch -f',
    touches: ['branches'],
    told: /refs\/heads\/speki\b/,
    run: 'git -C "$P" branch -f speki HEAD~1',
  },
  {
    name: 'there: update-ref of a branch',
    touches: ['branches'],
    told: /feature\/login/,
    run: 'git -C "$P" update-ref refs/heads/feature/login HEAD~1',
  },
  {
    name: 'there: update-ref --stdin',
    touches: ['branches', 'tags'],
    told: /feature\/login|v1/,
    run: 'printf "delete refs/heads/feature/login\\ndelete refs/tags/v1\\n" | git -C "$P" update-ref --stdin',
  },
  { name: 'there: tag -d', touches: ['tags'], told: /refs\/tags\/v1/, run: 'git -C "$P" tag -d v1 light' },
  {
    name: 'there: tag -f',
    touches: ['tags'],
    told: /refs\/tags\/light/,
    run: 'git -C "$P" tag -f light HEAD~1; git -C "$P" tag -f -a -m x v1 HEAD~1',
  },
  {
    name: 'there: refs of its own',
    touches: ['refs'],
    told: /refs\/custom\/new/,
    run: 'git -C "$P" update-ref refs/custom/new HEAD',
  },
  {
    name: 'there: notes removed',
    touches: ['refs'],
    told: /refs\/notes\/commits/,
    run: 'git -C "$P" notes remove HEAD',
  },
  {
    name: 'there: refs removed',
    touches: ['refs'],
    told: /refs\/custom\/mark/,
    run: 'git -C "$P" update-ref -d refs/custom/mark',
  },
  { name: 'there: replace', touches: ['refs'], told: /refs\/replace/, run: 'git -C "$P" replace HEAD HEAD~1' },
  {
    name: 'there: a branch that stands for another',
    touches: ['branches'],
    told: /refs\/heads\/alias/,
    run: 'git -C "$P" symbolic-ref refs/heads/alias refs/heads/speki',
  },
  {
    name: 'there: HEAD of the checkout',
    touches: ['head'],
    told: /HEAD/,
    run: 'git -C "$P" symbolic-ref HEAD refs/heads/speki',
  },
  {
    name: 'there: main moved',
    touches: ['head'],
    told: /refs\/heads\/main/,
    run: 'git -C "$P" update-ref refs/heads/main HEAD~1',
  },
  { name: 'there: stash drop', touches: ['stash'], told: /stash/, run: 'git -C "$P" stash drop' },
  {
    name: 'there: stash drop in the middle',
    touches: ['stash'],
    told: /stash/,
    run: 'git -C "$P" stash drop "stash@{1}"',
  },
  {
    name: 'there: stash drop at the end',
    touches: ['stash'],
    told: /stash/,
    run: 'git -C "$P" stash drop "stash@{2}"',
  },
  {
    name: 'there: stash drop twice',
    touches: ['stash'],
    told: /stash/,
    run: 'git -C "$P" stash drop; git -C "$P" stash drop "stash@{1}"',
  },
  { name: 'there: stash clear', touches: ['stash'], told: /stash/, run: 'git -C "$P" stash clear' },
  {
    name: 'there: stash store',
    touches: ['stash'],
    told: /stash/,
    run: 'git -C "$P" stash store -m evil "$(git -C "$P" rev-parse HEAD)"',
  },
  {
    name: 'there: update-ref -d of the stash',
    touches: ['stash'],
    told: /stash/,
    run: 'git -C "$P" update-ref -d refs/stash',
  },
  {
    name: 'there: reflog expiry of the stash',
    touches: ['stash'],
    told: /stash/,
    run: 'git -C "$P" reflog expire --expire=now refs/stash',
  },
  {
    name: 'there: config',
    touches: ['config'],
    told: /core\.hookspath/i,
    run: 'git -C "$P" config core.hooksPath evil',
  },
  {
    name: 'there: config --file',
    touches: ['config'],
    told: /core\.pager/i,
    run: 'git config --file "$P/.git/config" core.pager evil',
  },
  {
    name: 'there: config --add',
    touches: ['config'],
    told: /ada\.list/,
    run: 'git -C "$P" config --add ada.list three',
  },
  {
    name: 'there: config --unset-all',
    touches: ['config'],
    told: /ada\.list/,
    run: 'git -C "$P" config --unset-all ada.list',
  },
  {
    name: 'there: config with lines',
    touches: ['config'],
    told: /alias\.tell/,
    run: 'git -C "$P" config alias.tell "$(printf "x\\ny")"',
  },
  {
    name: 'there: config --remove-section',
    touches: ['config'],
    told: /ada\.list/,
    run: 'git -C "$P" config --remove-section ada',
  },
  {
    name: 'there: config --rename-section',
    touches: ['config'],
    told: /ada\.list/,
    run: 'git -C "$P" config --rename-section ada eve',
  },
  {
    name: 'there: config in the other worktree',
    touches: ['config'],
    told: /user\.signingkey/,
    run: 'git -C "$L" config user.signingkey EVE',
  },
  {
    name: 'there: remote add',
    touches: ['remotes', 'config'],
    told: /remote\.evil/,
    run: 'git -C "$P" remote add evil /x',
  },
  {
    name: 'there: remote remove',
    touches: ['remotes', 'config', 'refs'],
    told: /remote\.origin/,
    run: 'git -C "$P" remote remove origin',
  },
  {
    name: 'there: remote rename',
    touches: ['remotes', 'config', 'refs'],
    told: /remote\.origin/,
    run: 'git -C "$P" remote rename origin upstream',
  },
  {
    name: 'there: remote set-url',
    touches: ['remotes', 'config'],
    told: /remote\.origin\.url/,
    run: 'git -C "$P" remote set-url origin https://evil.example',
  },
  {
    name: 'there: branch -u',
    touches: ['config', 'branches'],
    told: /branch\.speki/,
    run: 'git -C "$P" branch -q -u main speki',
  },
  {
    name: 'there: a push',
    touches: ['branches'],
    told: /refs\/heads\/(?:pushed|feature)/,
    run: 'git push -q "$P" HEAD:refs/heads/pushed HEAD:refs/tags/pushed +HEAD:refs/heads/feature/login :refs/heads/speki',
  },
  {
    name: 'there: a fetch',
    touches: ['branches'],
    told: /refs\/heads\/fetched/,
    run: 'git -C "$P" fetch -q "$W" HEAD:refs/heads/fetched',
  },
  {
    name: 'there: a worktree',
    touches: ['worktrees', 'head', 'branches'],
    told: /worktree/,
    run: 'git -C "$P" worktree add -q --detach "$W/../extra"',
  },
]

/** Destroy by path what no git can bring back, or reach where no trace is: a sandbox alone keeps them from happening. */
export const WRECKING: readonly Act[] = [
  {
    name: 'wreck: edits in the checkout',
    run: 'echo evil >> "$P/src/main.js"; rm -f "$P/notes.txt"; chmod 777 "$P/.env"',
  },
  { name: 'wreck: deletes the checkout', run: 'rm -rf "$P"' },
  { name: 'wreck: moves the checkout', run: 'mv "$P" "$P-moved"' },
  { name: 'wreck: reset --hard in the checkout', run: 'git -C "$P" reset -q --hard HEAD~1' },
  { name: 'wreck: checkout in the checkout', run: 'git -C "$P" checkout -qf feature/login' },
  { name: 'wreck: clean in the checkout', run: 'git -C "$P" clean -qfdx' },
  { name: 'wreck: commit in the checkout', run: 'git -C "$P" commit -qam evil; git -C "$P" commit -q --amend -m evil' },
  { name: 'wreck: stash push in the checkout', run: 'git -C "$P" stash push -q -u' },
  {
    name: 'wreck: stash clear and gc',
    run: 'git -C "$P" stash clear; git -C "$P" reflog expire --expire=now --all; git -C "$P" gc -q --prune=now',
  },
  {
    name: 'wreck: hooks by an editor',
    run: 'echo evil > "$P/.git/hooks/pre-commit"; echo evil > "$P/.git/hooks/post-merge"',
  },
  { name: 'wreck: config by an editor', run: 'printf "[core]\\n\\thooksPath = evil\\n" >> "$P/.git/config"' },
  {
    name: 'wreck: info by an editor',
    run: 'echo "*" > "$P/.git/info/exclude"; echo "* -text" > "$P/.git/info/attributes"',
  },
  {
    name: 'wreck: refs by an editor',
    run: 'rm -rf "$P/.git/refs/heads/feature" "$P/.git/refs/stash"; git rev-parse HEAD > "$P/.git/refs/heads/evil"',
  },
  { name: 'wreck: objects by hand', run: 'rm -rf "$P"/.git/objects/pack "$P"/.git/objects/[0-8]*' },
  {
    name: 'wreck: alternates and shallow by hand',
    run: 'echo /x > "$P/.git/objects/info/alternates"; git rev-parse HEAD > "$P/.git/shallow"',
  },
  {
    name: 'wreck: git without a trace',
    run: 'env -i PATH="$PATH" git -C "$P" branch -D feature/login; env -i PATH="$PATH" git -C "$P" config core.pager evil',
  },
  {
    name: 'wreck: flags of files',
    run: 'git -C "$P" update-index --no-assume-unchanged src/kept.txt; git -C "$P" update-index --skip-worktree README.md',
  },
  { name: 'wreck: the sparse checkout', run: 'git -C "$P" sparse-checkout set docs' },
  { name: 'wreck: a submodule', run: 'git -C "$P" -c protocol.file.allow=always submodule --quiet add "$O" sub' },
  { name: 'wreck: the other worktree', run: 'git -C "$P" worktree remove --force "$L"' },
  {
    name: 'wreck: a worktree pruned',
    run: 'mv "$L" "$L.away"; git -C "$P" worktree prune --expire=now; mv "$L.away" "$L"',
  },
  {
    name: 'wreck: a repository beside',
    run: 'git -C "$O" reset -q --hard; git -C "$O" branch evil; git -C "$O" config core.pager evil',
  },
  { name: 'wreck: a folder beside', run: 'rm -rf "$F/deep"; chmod 777 "$F/one.txt"; echo evil >> "$F/one.txt"' },
  { name: 'wreck: the home', run: 'rm -rf "$H/.ssh"; echo evil >> "$H/.profile"; git config --global core.pager evil' },
  { name: 'wreck: the remote', run: 'git -C "$R" branch -D shared; rm -rf "$R"' },
  { name: 'wreck: a server that stays', run: 'env -i setsid sh -c "sleep 2; echo evil > $H/evil" >/dev/null 2>&1 &' },
]
