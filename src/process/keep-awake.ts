import { execa } from 'execa'
import { childEnvironment } from '../config.ts'

/**
 * Programs that keep the system awake for as long as the process with this id lives. On Windows nothing does it without
 * code of its own, so there a machine may fall asleep under a run; where the program is missing, too.
 */
const INHIBITORS: Readonly<Partial<Record<NodeJS.Platform, (pid: string) => readonly [string, ...string[]]>>> = {
  darwin: (pid) => ['caffeinate', '-i', '-w', pid],
  linux: (pid) => [
    'systemd-inhibit',
    '--what=idle:sleep',
    '--who=speki',
    '--why=A run is working',
    '--mode=block',
    'tail',
    `--pid=${pid}`,
    '--follow',
    '/dev/null',
  ],
}

/** Keeps the system from falling asleep until the returned function is called, or this process ends. Never fails. */
export function keepAwake(): () => void {
  const [program, ...args] = INHIBITORS[process.platform]?.(String(process.pid)) ?? []
  if (program === undefined) return () => {}
  const child = execa(program, args, { stdio: 'ignore', env: childEnvironment(), extendEnv: false, reject: false })
  child.nodeChildProcess.unref()
  return () => void child.kill()
}
