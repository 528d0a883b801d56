import { type ErrorCode, SpekiError } from '../errors.ts'
import { BLANK, hint, type Sentence, step } from '../step.ts'

interface Words {
  /** What git prints, with LC_ALL=C. */
  readonly when: RegExp
  readonly code: ErrorCode
  /** What failed; git's own line follows. */
  readonly what: (folder: string) => string
  readonly hint: (folder: string) => Sentence
}

/** What the world around can do to git, the first that fits. None is `conflict`: that is for leases and revisions. */
const WORDS: readonly Words[] = [
  {
    when: /No space left on device|Disk quota exceeded/i,
    code: 'precondition_failed',
    what: (folder) => `The disk under ${folder} is full`,
    hint: () => 'Free some space and repeat the call.',
  },
  {
    when: /external filter|(?:clean|smudge|process) filter|filter-process/i,
    code: 'precondition_failed',
    what: (folder) => `A filter program that the attributes of ${folder} ask for does not run`,
    hint: (folder) => `Install it (for filter=lfs: git-lfs), or take it out of the configuration of ${folder}.`,
  },
  {
    when: /Could not resolve host|Temporary failure in name|Connection (?:refused|timed out|reset|closed)|Network is unreachable|No route to host|Operation timed out|Failed to connect|SSL|TLS|early EOF|hung up/i,
    code: 'upstream_unavailable',
    what: (folder) => `The remote of ${folder} does not answer`,
    hint: (folder) => `Look at the network, then repeat; by hand: git -C ${folder} ls-remote origin`,
  },
  {
    when: /Permission denied \(|Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|Access denied|Host key verification failed|error: 40[13]|not permitted to|read.only deploy key/i,
    code: 'upstream_rejected',
    what: (folder) => `The remote of ${folder} refuses the user`,
    hint: (folder) => `Sign in with git once by hand, or ask for the right: git -C ${folder} ls-remote origin`,
  },
  {
    when: /hook declined|\[remote rejected\]|protected branch|unpack failed|denying/i,
    code: 'upstream_rejected',
    what: (folder) => `The remote of ${folder} refuses what is pushed (a hook or a rule of its own)`,
    hint: () => 'Its reason is above: satisfy it, or deliver with to="pull_requests" or to="local".',
  },
  {
    when: /\(stale info\)|\(fetch first\)|\(non-fast-forward\)|\[rejected\]/i,
    code: 'precondition_failed',
    what: (folder) => `The branch of the remote of ${folder} has moved`,
    hint: () => 'Repeat the call: what is there now is taken into account.',
  },
  {
    when: /does not appear to be a git repository|Could not read from remote|repository .* not found|Repository not found|No such remote|transport '[^']*' not allowed/i,
    code: 'upstream_unavailable',
    what: (folder) => `The remote of ${folder} is not there, or cannot be reached`,
    hint: (folder) =>
      `Look with: git -C ${folder} remote -v. Where it moved: git -C ${folder} remote set-url origin URL`,
  },
  {
    when: /\.lock'?: File exists|Unable to create '[^']*\.lock'|another git process|could not lock config/i,
    code: 'precondition_failed',
    what: (folder) => `Another git process holds a lock in ${folder}`,
    hint: () => 'Let it end and repeat; where none runs, remove the lock file that is named above.',
  },
  {
    when: /dubious ownership/i,
    code: 'precondition_failed',
    what: (folder) => `${folder} belongs to another user, so git does not use it`,
    hint: (folder) => `Where you trust it: git config --global --add safe.directory ${folder}`,
  },
  {
    when: /corrupt|bad object|object file .* is empty|unable to read (?:tree|sha1|[0-9a-f]{40})|missing (?:blob|tree|commit)|bad tree|invalid sha1 pointer|bad (?:index|signature|config)|index file (?:smaller|open)|unable to unpack|fatal: loose object|inflate|packed? .*(?:wrong|mismatch)/i,
    code: 'precondition_failed',
    what: (folder) => `The repository at ${folder} is damaged`,
    hint: (folder) => `Look with: git -C ${folder} fsck. Mend it, or clone it anew and register it again.`,
  },
  {
    when: /not a git repository/i,
    code: 'precondition_failed',
    what: (folder) => `${folder} is no git repository`,
    hint: () => hint`If it moved, register its new path: ${step('repository_register', { path: BLANK })}.`,
  },
  {
    when: /Permission denied|Operation not permitted|Read-only file system|could not create (?:work tree|leading)|cannot open '/i,
    code: 'precondition_failed',
    what: (folder) => `git may not write at ${folder}`,
    hint: () => 'Look at the owner and the permissions of what is named above.',
  },
  {
    when: /File ?name too long/i,
    code: 'precondition_failed',
    what: (folder) => `A path at ${folder} is too long for this file system`,
    hint: () => 'Choose a shorter place with SPEKI_HOME or --db; on Windows: git config --global core.longpaths true',
  },
  {
    when: /Too many open files|Cannot allocate memory|Resource temporarily unavailable|unable to fork/i,
    code: 'precondition_failed',
    what: () => 'This machine has no more open files, memory or processes to give',
    hint: () => 'End what is not needed, or raise the limit (ulimit -n), then repeat the call.',
  },
  {
    when: /does not have any commits yet|unknown revision|bad revision|Needed a single revision|not a valid (?:object|ref)|invalid (?:object name|reference)|ambiguous argument|couldn't find remote ref|not our ref/i,
    code: 'precondition_failed',
    what: (folder) => `A commit or branch that is asked for is not in ${folder}`,
    hint: (folder) => `Look with: git -C ${folder} log --oneline --all. A new repository needs one commit first.`,
  },
  {
    when: /^usage: git|unknown (?:option|switch|subcommand)|is not a git command/im,
    code: 'precondition_failed',
    what: () => 'This git does not know what is asked of it',
    hint: () => 'Install git 2.38 or newer.',
  },
]

/** What git printed, in words: what failed, and what mends it. */
export function explainGit(printed: string, args: readonly string[], folder: string, cause: unknown): SpekiError {
  const lines = printed.split('\n').map((line) => line.trim())
  const words = WORDS.find(({ when }) => when.test(printed))
  const told =
    lines.find((line) => words?.when.test(line)) ??
    lines.find((line) => /^(fatal|error|remote):/.test(line)) ??
    lines.find((line) => line !== '') ??
    'git said nothing'
  // git prefixes its lines; the rest of a push says what a remote's own hook printed.
  const remote = lines.filter((line) => line.startsWith('remote: ') && line !== told).slice(0, 3)
  const detail = [...remote, told].map((line) => line.slice(0, 500)).join(' ')
  if (words === undefined)
    return new SpekiError('precondition_failed', `git ${args[0] ?? ''} failed in ${folder}: ${detail}`, {
      hint: 'Run it there by hand and mend what it says.',
      cause,
    })
  return new SpekiError(words.code, `${words.what(folder)}: ${detail}`, { hint: words.hint(folder), cause })
}

/** Said last of what git printed. */
export function endedWith(code: number): string {
  return `git ended with code ${code}`
}

/** git itself is the trouble, so that no answer of it can be taken for a no. */
export class GitNotStarted extends SpekiError {}

/** Why git did not even start; undefined where it did. */
export function explainStart(printed: string, folder: string, cause: unknown): GitNotStarted | undefined {
  const code = /\bspawn (?:\S*git\S* )?(E[A-Z]+)/.exec(printed)?.[1]

  if (code === 'ENOENT')
    return new GitNotStarted('precondition_failed', 'git is not installed, or not on the PATH. Nothing was changed.', {
      hint: 'Install git 2.38 or newer, then restart the client.',
      cause,
    })
  if (code === 'EACCES' || code === 'EPERM' || code === 'ENOEXEC')
    return new GitNotStarted('precondition_failed', `git cannot be started for ${folder} (${code}).`, {
      hint: 'Look at the permissions of the program and of the folder.',
      cause,
    })
  if (code === 'EMFILE' || code === 'ENFILE' || code === 'EAGAIN' || code === 'ENOMEM')
    return new GitNotStarted(
      'precondition_failed',
      `git cannot be started: this machine has no more to give (${code}).`,
      {
        hint: 'End what is not needed, or raise the limit (ulimit -n), then repeat the call.',
        cause,
      },
    )
  // Those of a shell or a loader that could not start it; git has no such codes.
  if ([126, 127].some((code) => printed.endsWith(endedWith(code))))
    return new GitNotStarted('precondition_failed', `git cannot be started: ${printed.trim().slice(0, 500)}.`, {
      hint: 'Look what git is on the PATH, and mend or install it (2.38 or newer).',
      cause,
    })
  return undefined
}
