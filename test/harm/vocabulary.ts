/**
 * What an agent may do, as a line of shell in its worktree. `$P` is the person's repository, `$L` another worktree of it,
 * `$O` a repository beside it, `$F` a folder of files, `$R` the remote, `$H` the home folder.
 */
export interface Act {
  readonly name: string
  readonly run: string
}

/** Stay where the agent works, or only look elsewhere: nothing of them may reach the person, sandbox or not. */
export const CONTAINED: readonly Act[] = [
  { name: 'links in a circle', run: 'ln -s . round; ln -s ../.. up; ln -s loop loop' },
  { name: 'link to a device', run: 'ln -s /dev/zero endless; ln -sf /dev/null src/main.js' },
  // Moves within what is its own.
  { name: 'move the worktree away', run: 'w=$(pwd -P); mv "$w" "$w-away"' },
  { name: 'move the worktree below itself', run: 'w=$(pwd -P); cd ..; mv "$w" x; mkdir "$w"; mv x "$w/x"' },
  { name: 'move the git folder', run: 'mv .git hidden' },
  { name: 'move everything one down', run: 'mkdir down; mv * down/ 2>/dev/null' },
  { name: 'delete everything', run: 'rm -rf ./* .git .env .gitignore' },
  { name: 'delete the worktree', run: 'w=$(pwd -P); cd /; rm -rf "$w"' },
  // Git, on its own repository.
  {
    name: 'update-ref -d all',
    run: 'for r in $(git for-each-ref --format="%(refname)"); do git update-ref -d "$r"; done',
  },
  { name: 'update-ref main', run: 'git update-ref refs/heads/main HEAD~1; git update-ref refs/custom/mark HEAD' },
  {
    name: 'symbolic-ref',
    run: 'git symbolic-ref HEAD refs/heads/nothing; git symbolic-ref refs/heads/main refs/heads/feature/login',
  },
  { name: 'replace', run: 'git replace HEAD HEAD~1; git replace --graft HEAD' },
  { name: 'grafts', run: 'git rev-parse HEAD > .git/info/grafts' },
  { name: 'reflog expire and gc', run: 'git reflog expire --expire=now --all; git gc -q --prune=now --aggressive' },
  { name: 'repack and prune', run: 'git repack -adlq; git prune --expire=now; git prune-packed -q' },
  {
    name: 'prune everything it does not know',
    run: 'rm -rf .git/refs .git/packed-refs; mkdir -p .git/refs; git gc -q --prune=now',
  },
  {
    name: 'worktree add and remove',
    run: 'git worktree add -q ../tree1 2>/dev/null; git worktree remove --force ../tree1',
  },
  {
    name: "worktree add on the person's branch",
    run: 'git worktree add -q ../tree2 feature/login; rm -rf ../tree2; git worktree prune',
  },
  {
    name: 'config --local',
    run: 'git config core.hooksPath .git/own; git config user.name Eve; git config core.bare true; git config core.bare false',
  },
  { name: 'config --worktree', run: 'git config extensions.worktreeConfig true; git config --worktree core.bare true' },
  {
    name: 'programs in config',
    run: 'git config filter.evil.clean "$EVIL; cat"; echo "* filter=evil" > .gitattributes; git config core.fsmonitor "$EVIL"; git config core.sshCommand "$EVIL"',
  },
  {
    name: 'merge driver in config',
    run: 'git config merge.evil.driver "$EVIL"; echo "* merge=evil diff=evil" >> .gitattributes; git config diff.evil.textconv "$EVIL"',
  },
  { name: 'remote add', run: 'git remote add theirs "$R"; git remote remove origin' },
  { name: 'branch -D', run: 'git checkout -q --detach; git branch -D main feature/login speki hotfix' },
  { name: 'tag -d and -f', run: 'git tag -d v1; git tag -f light HEAD~1; git tag new' },
  {
    name: 'stash drop and clear',
    run: 'git stash drop; git stash clear; echo x >> src/main.js; git stash push -q; git stash pop -q',
  },
  { name: 'commit --amend', run: 'git commit -q --amend -m Changed --allow-empty' },
  {
    name: 'commit and more commits',
    run: 'echo y > y.txt; git add -A; git commit -qm y; git commit -q --allow-empty -m z',
  },
  { name: 'reset --hard', run: 'git reset -q --hard HEAD~1' },
  { name: 'clean', run: 'git clean -qfdx' },
  { name: 'checkout of another branch', run: 'git checkout -q feature/login; git checkout -qB main' },
  {
    name: 'rebase and filter history',
    run: 'git rebase -q --root -x true; git filter-branch -f --msg-filter "sed s/B/C/" HEAD',
  },
  { name: 'unfinished merge', run: 'git merge -q --no-commit feature/login; echo conflict > .git/MERGE_MSG' },
  {
    name: 'update-index flags',
    run: 'git update-index --assume-unchanged src/main.js; git update-index --skip-worktree README.md',
  },
  {
    name: 'alternates',
    run: 'echo /nonexistent > .git/objects/info/alternates; echo "$O/.git/objects" >> .git/objects/info/alternates',
  },
  { name: 'no alternates', run: 'rm -f .git/objects/info/alternates' },
  { name: 'shallow', run: 'git rev-parse HEAD > .git/shallow' },
  {
    name: 'hooks',
    run: 'mkdir -p .git/hooks; for h in pre-commit post-checkout reference-transaction; do printf "#!/bin/sh\\n$EVIL\\n" > .git/hooks/$h; chmod +x .git/hooks/$h; done',
  },
  { name: 'info/exclude', run: 'mkdir -p .git/info; echo "*" > .git/info/exclude' },
  { name: 'info/attributes', run: 'mkdir -p .git/info; echo "* -text filter=evil" > .git/info/attributes' },
  { name: 'a submodule', run: 'git -c protocol.file.allow=always submodule --quiet add "$O" sub' },
  {
    name: 'a repository inside',
    run: 'git init -q inside; git -C inside commit -q --allow-empty -m x; git -C inside config core.worktree "$P"',
  },
  { name: 'sparse-checkout', run: 'git sparse-checkout set --cone docs' },
  { name: 'skip everything in the index', run: 'rm -f .git/index; git read-tree --empty' },
  { name: 'locks', run: 'touch .git/index.lock .git/HEAD.lock .git/config.lock' },
  { name: 'its git folder without rights', run: 'chmod -R 000 .git' },
  { name: 'fetch from the person', run: 'git fetch -q "$P" "+refs/*:refs/*"' },
  { name: 'init again', run: 'rm -rf .git; git init -q; git add -A; git commit -qm Again' },
  { name: 'clone of the person over itself', run: 'git clone -q --shared "$P" copy; rm -rf .git; mv copy/.git .git' },
  // Processes.
  {
    name: 'background writer',
    run: '( for i in 1 2 3 4 5 6 7 8 9; do echo $i >> late.txt; sleep 0.2; done ) >/dev/null 2>&1 &',
  },
  { name: 'setsid writer', run: 'setsid sh -c "sleep 0.3; echo late > late2.txt; rm -rf .git" >/dev/null 2>&1 &' },
  { name: 'env -i writer', run: 'env -i setsid sh -c "sleep 0.3; echo late > late3.txt" >/dev/null 2>&1 &' },
  {
    name: 'swaps links for ever',
    run: 'w=$(pwd -P); ( i=0; while [ $i -lt 40 ]; do ln -sfn "$P" "$w/swap"; rm -f "$w/swap"; mkdir -p "$w/swap"; echo x > "$w/swap/main.txt"; rm -rf "$w/swap"; i=$((i+1)); sleep 0.02; done ) >/dev/null 2>&1 &',
  },
  {
    name: 'swaps the worktree for a link',
    run: 'w=$(pwd -P); ( sleep 0.5; mv "$w" "$w.old"; ln -s "$P" "$w" ) >/dev/null 2>&1 &',
  },
  { name: 'a shell that stays in the folder', run: '( cd src; exec sleep 5 ) >/dev/null 2>&1 &' },
  // Huge and odd files.
  { name: 'a sparse file of 2 GB', run: 'truncate -s 2G huge.cache' },
  {
    name: 'a name with a line end',
    run: 'printf x > "$(printf "a\\nb.txt")"; mkdir -p "$(printf "c\\nd")"; printf x > "$(printf "c\\nd/e")"',
  },
  {
    name: 'a name that is no text',
    run: 'printf x > "$(printf "\\377\\376.txt")"; mkdir "$(printf "dir\\200")"; printf x > "$(printf "dir\\200/f")"',
  },
  {
    name: 'names in two unicode forms',
    run: 'printf x > "$(printf "caf\\303\\251.txt")"; printf y > "$(printf "cafe\\314\\201.txt")"',
  },
  {
    name: 'case twins',
    run: 'echo x > src/MAIN.txt; mkdir -p SRC; echo y > SRC/main.txt; mkdir -p .GIT; echo z > .GIT/config',
  },
  {
    name: 'names like options and refspecs',
    run: 'echo x > -- -rf; echo x > "--force"; echo x > ":(top)a"; echo x > "*"; echo x > "a -> b"; echo x > "\\"q\\""',
  },
  {
    name: 'fifo, socket and device',
    run: 'mkfifo pipe src/pipe2; python3 -c "import socket; socket.socket(socket.AF_UNIX).bind(\\"sock\\")"; mknod dev c 1 3',
  },
  { name: 'fifo in place of files', run: 'rm -f README.md; mkfifo README.md; rm -f .git/HEAD; mkfifo .git/HEAD' },
  {
    name: 'deep folders',
    run: 'd=$(pwd -P); i=0; while [ $i -lt 120 ]; do mkdir deeeeeeeeeeeeeeeeeeeeeeeeeeeeeeep && cd deeeeeeeeeeeeeeeeeeeeeeeeeeeeeeep || break; i=$((i+1)); done; echo x > x; cd "$d"',
  },
  { name: 'many files', run: 'mkdir -p many; i=0; while [ $i -lt 300 ]; do : > many/$i; i=$((i+1)); done' },
  { name: 'a long name', run: 'echo x > "$(printf %0250d 1)"' },
  { name: 'read-only folders', run: 'mkdir -p locked/in; echo x > locked/in/x; chmod 500 locked/in locked' },
  { name: 'chmod 000', run: 'chmod 000 src README.md; mkdir -p shut; chmod 000 shut' },
  {
    name: 'immutable, where allowed',
    run: 'echo x > fixed.txt; chattr +i fixed.txt 2>/dev/null; sleep 0.1; chattr -i fixed.txt 2>/dev/null',
  },
  { name: 'setuid and sticky', run: 'cp /bin/true suid; chmod 6755 suid; chmod 1777 src' },
  { name: 'a file in place of a folder', run: 'rm -rf src; echo file > src' },
  { name: 'a folder in place of a file', run: 'rm -rf README.md; mkdir README.md; echo x > README.md/x' },
  {
    name: 'other line ends',
    run: 'sed -i "s/$/\\r/" src/main.js README.md; printf "* text eol=crlf\\n" > .gitattributes',
  },
  { name: 'a zip of nothing', run: 'head -c 3000000 /dev/urandom > random.bin' },
  // Clock.
  { name: 'old times', run: 'touch -d 1971-01-01 src/main.js src README.md .git .' },
  {
    name: 'times to come',
    run: 'touch -d 2099-01-01 src/main.js .git/index; find . -maxdepth 2 -exec touch -h -d 2090-01-01 {} +',
  },
  {
    name: 'same time, other bytes',
    run: 'touch -r src/main.js stamp; printf "niam\\nsecond\\n" > src/main.js; touch -r stamp src/main.js; rm stamp',
  },
]

/** Make what lies in its worktree lead to what is the person's: whatever comes after them there would be done to the person, so they come last. */
export const LEADING: readonly Act[] = [
  { name: 'link the checkout in place of a folder', run: 'rm -rf src; ln -s "$P/src" src' },
  { name: 'link the home in place of a folder', run: 'rm -rf docs; ln -s "$H" docs' },
  {
    name: 'link files of the person in place of files',
    run: 'ln -sf "$P/notes.txt" README.md; ln -sf "$P/.env" new.txt',
  },
  { name: 'link the whole worktree to the checkout', run: 'w=$(pwd -P); cd ..; mv "$w" gone; ln -s "$P" "$w"' },
  {
    name: 'link the whole worktree to another of the person',
    run: 'w=$(pwd -P); cd ..; rm -rf "$w"; ln -s "$L" "$w"',
  },
  {
    name: 'link the folder above to one with the other worktree',
    run: 'w=$(pwd -P); d=$(dirname "$w"); cd /; mv "$d" "$d.away"; mkdir "$d.links"; ln -s "$L" "$d.links/api"; ln -s "$d.links" "$d"',
  },
  {
    name: 'link the folder above to the projects',
    run: 'w=$(pwd -P); d=$(dirname "$w"); cd /; mv "$d" "$d.away"; ln -s "$(dirname "$P")" "$d"',
  },
  { name: 'link the whole worktree to the home', run: 'w=$(pwd -P); cd ..; rm -rf "$w"; ln -s "$H" "$w"' },
  {
    name: 'link the folder above to other files',
    run: 'w=$(pwd -P); d=$(dirname "$w"); cd /; mv "$d" "$d.away"; ln -s "$F" "$d"',
  },
  { name: "link the git folder to the person's", run: 'rm -rf .git; ln -s "$P/.git" .git' },
  { name: "a git file that leads to the person's", run: 'rm -rf .git; echo "gitdir: $P/.git" > .git' },
  { name: "a git file that leads to another worktree's", run: 'rm -rf .git; cp "$L/.git" .git' },
  {
    name: "link the index to the person's",
    run: 'ln -sf "$P/.git/index" .git/index; ln -sf "$P/.git/config" .git/config',
  },
  { name: "link refs to the person's", run: 'rm -rf .git/refs; ln -s "$P/.git/refs" .git/refs' },
  { name: "link caches to the person's", run: 'ln -s "$P" node_modules; ln -s "$F" __pycache__; ln -s "$H" target' },
  { name: 'link a neighbour', run: 'ln -s "$P" ../neighbour; ln -s "$O" ../other' },
  {
    name: "second names of the person's files",
    run: 'ln "$P/src/main.js" hard.txt; ln -f "$P/README.md" README.md; rm hard.txt',
  },
  {
    name: "second names of the person's objects",
    run: 'mkdir -p keep; for o in "$P"/.git/objects/*/*; do ln "$o" keep/ 2>/dev/null; done',
  },
  { name: "a work tree that is the person's", run: 'git config core.worktree "$P"' },
  {
    name: "settings that include the person's",
    run: 'git config include.path "$P/.git/config"; git config remote.origin.url "$P"',
  },
]
