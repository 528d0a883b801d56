const MEGABYTE = 1_048_576

function fill(line: (index: number) => string): string {
  const lines: string[] = []
  for (let size = 0, index = 0; ; index++) {
    const next = line(index)
    size += next.length + 1
    if (size > MEGABYTE) return lines.join('\n')
    lines.push(next)
  }
}

/** A repeatable sequence that looks random. */
function scattered(index: number, seed: number): number {
  let value = Math.imul(index + seed, 2_654_435_761) >>> 0
  value = Math.imul(value ^ (value >>> 15), 2_246_822_519) >>> 0
  return (value ^ (value >>> 13)) >>> 0
}

/** Pairs of texts of 1 MB that have nothing, or nothing useful, in common: what makes a careless diff run for minutes. */
export const unrelatedTexts: readonly (readonly [name: string, before: string, after: string])[] = [
  ['prose', fill((n) => `Sentence ${n} of one. It says 1.`), fill((n) => `Phrase ${n} of the other. It says 2.`)],
  ['blank lines between', fill((n) => (n % 2 ? '' : `one ${n}`)), fill((n) => (n % 3 ? '' : `other ${n}`))],
  ['few different lines', fill((n) => `${scattered(n, 1) % 7}`), fill((n) => `${scattered(n, 99) % 7}`)],
  [
    'same lines shuffled',
    fill((n) => `line ${scattered(n, 1) % 30_011}`),
    fill((n) => `line ${scattered(n, 77) % 30_011}`),
  ],
  [
    'one line each',
    fill((n) => (n === 0 ? 'One sentence. '.repeat(70_000) : '')),
    fill((n) => (n === 0 ? 'Another one. '.repeat(75_000) : '')),
  ],
  [
    'many small passages',
    fill((n) => (n % 40 === 0 ? `anchor ${n}` : `one ${n}. And more ${n}.`)),
    fill((n) => (n % 40 === 0 ? `anchor ${n}` : `other ${n}. And more ${n}.`)),
  ],
]
