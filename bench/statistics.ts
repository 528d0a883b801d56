/** Value below which the share `q` of the samples lies. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5)
}

export function milliseconds(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(0)
}

export interface Line {
  readonly what: string
  readonly value: string
  readonly aim: string
}

export function printTable(title: string, lines: readonly Line[]): void {
  const width = Math.max(...lines.map((line) => line.what.length), 10)
  const value = Math.max(...lines.map((line) => line.value.length), 8)
  console.log(`\n${title}`)
  for (const line of lines) console.log(`  ${line.what.padEnd(width)}  ${line.value.padStart(value)}  ${line.aim}`)
}
