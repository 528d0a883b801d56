/** Words that stand where a secret will, or say what it is. */
const PLACEHOLDER_WORDS = new Set(
  'yyy zzz password passwd pass pwd passphrase secret secrets token tokens key apikey api_key api-key credential credentials changeme change-me change_me changeit placeholder redacted masked hidden removed omitted example sample dummy fake todo tbd fixme none null nil undefined empty blank unset missing invalid valid wrong incorrect correct required optional mandatory string str text varchar char bytes byte buffer number int integer bool boolean any unknown object array dict void never uuid true false yes no on off enabled disabled default auto prompt ask stdin env file secretstr optional[str] basic bearer digest oauth oauth2 jwt cookie session x xx xxx expired reset forgot forgotten strong weak plaintext encrypted hashed prefer disable require allow verify-full function async await new return this self let const var class interface type public private static readonly import export from in is not and or the a an for with of to was has must should can will may'.split(
    ' ',
  ),
)

/** Begins like what stands for a value: variables, templates, references to a store of secrets, calls. */
const REFERENCE =
  /^(?:\\?\$(?:[{(]|env:|[A-Za-z_]\w*(?:$|[/.:\s[]))|\{\{|<|%[A-Za-z_]\w*%|#\{|@\{|\[|\(|process\.env|import\.meta|os\.(?:environ|getenv)|ENV\[|System\.|secrets?[.:/]|vars?\.|data\.|local\.|module\.|env[.:(]|vault[:.]|op:\/\/|ref\+|sops:|arn:|kms:|ssm:|file[:(]|projects\/[^/]+\/secrets|@Microsoft\.KeyVault|!(?:Ref|Sub|vault|reference|GetAtt)|&|\*+$|__\w+__$|ENC\[|\$ANSIBLE|\.\.\.|…|•|\/(?:run|var|etc|home|usr|tmp|opt|Users|root|mnt|app|secrets?)\/|\.{1,2}\/|~\/)/

const INSTEAD =
  /^(?:your|my|some|the|insert|enter|replace|add|put|paste|change|fill|use|set|provide|example|sample|dummy|fake|placeholder)(?:[-_ ][A-Za-z_ -]*|(?:api|access|secret|private|db|super)?(?:password|passwd|pwd|pass|token|secret|key|apikey)|)\d{0,3}$/i
const NOTHING = /^([xX*.•#_?0-]|\\u2022)\1*$/

/** A word that stands in every text. */
export function isPlaceholderWord(value: string): boolean {
  return value === '' || value.startsWith('[redacted') || PLACEHOLDER_WORDS.has(value.toLowerCase())
}

export function isPlaceholder(value: string): boolean {
  return (
    isPlaceholderWord(value) ||
    NOTHING.test(value) ||
    REFERENCE.test(value) ||
    INSTEAD.test(value) ||
    /[xX]{6}|\*{4}|\.{3}$|…$|-here$|_here$|<[a-z_ -]+>|\{\{|\$\{/i.test(value.slice(0, 300))
  )
}

/** Digits among letters, or letters in an order that no word has. */
export function looksRandom(value: string): boolean {
  if (value.length < 8) return false
  if (/\s/.test(value)) return false
  const digits = count(value, /\d/g)
  const letters = count(value, /[A-Za-z]/g)
  if (digits >= 2 && letters >= 2 && !isName(value)) return true
  // In names each capital begins a word of some length.
  const capitals = count(value, /[A-Z]/g)
  return value.length >= 10 && capitals < letters && capitals >= letters / 3.3
}

/** `node-modules-v12`, `useToken2`: words with a number at their end. */
function isName(value: string): boolean {
  return value.length < 80 && /^[A-Za-z]{2,}(?:[-_./][A-Za-z]{2,})*[-_]?v?\d{0,3}$/.test(value)
}

function count(text: string, pattern: RegExp): number {
  return text.slice(0, 400).match(pattern)?.length ?? 0
}

/** A name, a path of names or a type, as code has them where a value would stand. */
export function looksLikeCode(value: string): boolean {
  return (
    /^[A-Za-z_$][A-Za-z_$]*\d?(?:(?:\??\.|::|->)[A-Za-z_$][A-Za-z_$]*\d?)*[!?]?$/.test(value.slice(0, 200)) &&
    (/[._$:>]|[a-z][A-Z]|^[A-Z][a-z]+$/.test(value) || value.length < 4)
  )
}
