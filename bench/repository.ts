import { execFileSync } from 'node:child_process'

/** Makes a git repository of everything in a folder, with one commit. */
export function commitAll(root: string): void {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@speki.invalid', ...args], { cwd: root })
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'Begin')
}
