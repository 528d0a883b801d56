import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { runMarked } from '../process/run-marked.ts'

/** A program that only prints something about itself needs no longer. */
export const PROBE_LIMITS = { wallMs: 30_000, stallMs: 30_000, lineBytes: 64 * 1024, totalBytes: 1024 * 1024 }

/** What a program prints with these arguments, or why there is nothing. */
export async function askProgram(
  file: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly printed: string; readonly problem: string | undefined }> {
  const lines: string[] = []
  const command = { file, args, folder: tmpdir(), environment: {}, mark: randomUUID(), limits: PROBE_LIMITS, input: '' }
  const { reason, exitCode, stderr } = await runMarked(command, (line) => void lines.push(line), signal)
  const printed = lines.join('\n')
  if (reason === 'exited' && exitCode === 0) return { printed, problem: undefined }
  const why = reason === 'exited' ? `ended with ${exitCode}` : reason.replace('_', ' ')
  return { printed, problem: `${file} ${args.join(' ')}: ${why}. ${stderr.trim().split('\n').at(-1) ?? ''}`.trim() }
}

/** The first thing in a text that looks like a version. */
export function versionIn(text: string): string | undefined {
  return /\d+\.\d+\.\d+[\w.-]*/.exec(text)?.[0]
}
