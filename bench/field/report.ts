import type { Check, Found } from './field.ts'

/** What is not as it should be, one line each. */
export function missesOf({ checks, plays, harm }: Found): readonly string[] {
  return [
    ...(checks.some(({ kind }) => kind === 'test') ? [] : ['no test command']),
    ...checks.flatMap((check) =>
      differs(check)
        ? [`${check.line}: ${inShell(check)} in the person's shell, ${onBase(check)} in SPEKI's worktree`]
        : [],
    ),
    ...plays.flatMap(({ title, right, what, played }) => {
      if (played.state === 'not started') return [`not started (${title}): ${played.why}`]
      if (right !== played.accepted)
        return [right ? `right change refused: ${played.why}` : `wrong change accepted: ${what}`]
      return []
    }),
    ...plays.flatMap(({ played: { beyond, lost } }) => [
      ...beyond.map((path) => `landed beyond the change: ${path}`),
      ...lost.map((path) => `did not land as written: ${path}`),
    ]),
    ...harm.map((line) => `changed in the clone: ${line}`),
  ]
}

const inShell = ({ shell }: Check) => (shell.green ? 'green' : 'red')

function onBase({ base }: Check): string {
  if (base.length === 0) return 'not run'
  return base.every((status) => status === 'passed')
    ? 'green'
    : base.every((status) => status !== 'passed')
      ? 'red'
      : 'flaky'
}

const differs = (check: Check) => check.base.length > 0 && inShell(check) !== onBase(check)

export function tell(found: Found): string {
  const { name, commit, checks, plays, notes } = found
  const misses = missesOf(found)
  return [
    `## ${name} ${commit}`,
    '',
    ...checks.map(
      (check) =>
        `- ${check.kind}: \`${check.line}\` (${check.source}): ${inShell(check)} in the shell (${check.shell.seconds} s), ${onBase(check)} on the base${check.off === undefined ? '' : ', switched off'}`,
    ),
    ...plays.map(
      ({ right, what, played }) =>
        `- ${right ? 'right' : 'wrong'}: ${what}: ${played.state === 'not started' ? 'not started' : played.accepted ? 'accepted' : 'refused'} in ${played.seconds} s${played.why === '' ? '' : ` (${played.why.slice(0, 300)})`}`,
    ),
    ...notes.map((note) => `- note: ${note}`),
    ...(misses.length === 0 ? ['- as it should be'] : misses.map((miss) => `- MISS: ${miss}`)),
    '',
  ].join('\n')
}
