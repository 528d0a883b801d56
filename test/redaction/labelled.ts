/**
 * Texts with a secret between « and », and texts without any. Token bodies are made when the test runs, from `{A36}`: no file of
 * this repository holds what a code host takes for a secret. Letters: A alphanumeric, H hex, B base64, C capitals and digits,
 * L small letters and digits, D digits, W word characters with - and _, U a UUID, P a password, K lines of a key.
 */
export interface Labelled {
  readonly text: string
  readonly secrets: readonly string[]
}

const SETS: Readonly<Record<string, string>> = {
  A: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  H: '0123456789abcdef',
  B: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  C: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
  L: 'abcdefghijklmnopqrstuvwxyz0123456789',
  D: '123456789',
  W: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
}

/** The text of a template; the same for the same seed. */
export function labelled(template: string, seed: number): Labelled {
  const next = generator(seed)
  const filled = template.replace(/\{([A-Z])(\d*)\}/g, (_, letter: string, length: string) =>
    bodyOf(letter, Number(length), next),
  )
  const secrets = [...filled.matchAll(/«([^»]*)»/g)].flatMap(([, secret = '']) => secret.split('\n'))
  return { text: filled.replace(/[«»]/g, ''), secrets }
}

function bodyOf(letter: string, length: number, next: () => number): string {
  const from = (set: string, count: number) =>
    Array.from({ length: count }, () => set[Math.floor(next() * set.length)]).join('')
  if (letter === 'U') return [8, 4, 4, 4, 12].map((count) => from(SETS['H'] ?? '', count)).join('-')
  if (letter === 'P')
    return `${from('bcdfghjkmnpqrstvwxz', 4)}${from(SETS['D'] ?? '', 2)}${from('!%*^+', 1)}${from(SETS['A'] ?? '', 3)}`
  if (letter === 'K') return Array.from({ length: length || 4 }, () => from(SETS['B'] ?? '', 64)).join('\n')
  return from(SETS[letter] ?? '', length)
}

function generator(seed: number): () => number {
  let state = (seed * 2654435761 + 97) >>> 0
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) >>> 0
    const mixed = Math.imul(state ^ (state >>> 13), 3266489917) >>> 0
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}
