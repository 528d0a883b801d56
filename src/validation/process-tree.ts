import { spawn } from 'node:child_process'

/** Ends a process and all that it started. On Windows by taskkill, which misses what cut itself loose; elsewhere by process group. */
export function endProcessTree(pid: number | undefined): void {
  if (pid === undefined) return
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true })
    return
  }
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The group is gone already.
  }
}
