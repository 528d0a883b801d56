import { bare, isPlaceholder } from '../markdown/plain-text.ts'

/** Words that introduce an answer: English; German, Dutch, Swedish; French, Spanish, Italian, Portuguese; Polish, Russian; Japanese, Chinese, Korean. */
const NOUNS = [
  'answer|resolution|decision|conclusion|outcome',
  'antwort|entscheidung|beschluss|ergebnis|antwoord|besluit|beslissing|svar|beslut',
  'réponse|décision|respuesta|decisión|conclusión|risposta|decisione|resposta|decisão',
  'odpowiedź|decyzja|ответ|решение',
  '回答|答え|決定(?:事項)?|結論|答案|答复|答|决定|决议|结论|답변|답|결정',
].join('|')
const DONE = [
  'answered|resolved|decided|settled|concluded|agreed|closed|done|fixed',
  'beantwortet|entschieden|beschlossen|geklärt|gelöst|erledigt|geschlossen|besloten|opgelost|beantwoord',
  'décidé|résolu|fermé|decidido|resuelto|cerrado|deciso|risolto|chiuso|resolvido|fechado',
  'решено|解決済み|解決|已解决|해결',
].join('|')
/** `Decision:`, `Answered by Ann, 3 May:`, `A1:`, an arrow; only where a sentence or the text begins. */
const INLINE = new RegExp(
  [
    String.raw`(?:^|[.?!。？！)\]}~*_–—;|>:]|\s-)\s*(?:`,
    String.raw`(?:(?:${NOUNS})|(?:${DONE})(?:\s+(?:by|on|von|vom|am|par|le|por|el|da|il|door|op)\s[^:?]{1,60})?)`,
    String.raw`(?:\s*\([^()]{0,60}\))?\s*(?:[:：]|[–—.]\s|\s-\s)`,
    String.raw`|a\d{0,4}\s*[:：])|(?:^|[?？]\s*)(?:→|⇒|=>|->)`,
  ].join(''),
  'giu',
)
const YES_OR_NO =
  /[?？]\s*(?:yes|no|yep|nope|ja|nein|nee|nej|oui|non|sí|si|sim|não|nie|tak|да|нет|はい|いいえ|是|不|네|아니요)\s*(?:[,.;:!。，、–—-]|$)/iu
/** Says of itself that it is none yet. */
const STILL_OPEN = new RegExp(
  [
    String.raw`^(?:still |currently |noch )?(?:tb[acd]|todo|none|nothing|pending|open|undecided|unresolved|unknown|unclear|unanswered|outstanding|offen|unklar|ungeklärt|ausstehend|keine|ouverte?|en attente|abiert[ao]|pendiente|apert[ao]|pendente|未定|未決|未回答|待定|미정)(?:\s*$|\s*[.,;:!(。–—-]|\s+(?:until|by|yet|bis|von))`,
    String.raw`\b(?:not (?:yet|known|decided|clear|answered)|to be (?:decided|determined|made|defined|confirmed|clarified|done)|(?:do|does)(?:n['’]t| not) know|nobody knows|no (?:answer|decision|idea)|(?:needs?|waits?|waiting|awaiting) (?:for |an |a |more |input|clarification|decision)|noch (?:nicht|offen|unklar)|nicht (?:geklärt|entschieden)|pas encore|todavía no|aún no|non ancora|ainda não|nog niet)\b`,
  ].join('|'),
  'iu',
)
const DONE_MARK = new RegExp(
  [
    String.raw`^(?:[✅☑✔]|[([](?:${DONE})(?!\p{L})[^)\]?]{0,80}[)\]])`,
    String.raw`(?:[✅☑✔]\uFE0F?|[([](?:${DONE})(?!\p{L})[^)\]?]{0,80}[)\]]|[?？]\s*(?:${DONE}))[.!\s]*$`,
  ].join('|'),
  'iu',
)
const ANSWER_TITLE = new RegExp(String.raw`^(?:${NOUNS})s?\s*:?$`, 'iu')
const DONE_CELL = new RegExp(String.raw`^[✅☑✔\uFE0F\s]*(?:${DONE})(?!\p{L})|^[✅☑✔]`, 'iu')
const STRUCK = /^~~[^~]{1,2000}~~/
/** Of a text, what is looked at to see whether it says that it is no answer. */
const LOOKED_AT = 200

/** Whether a text that asks also says the answer, or that there is one; one that ends by asking on is open. */
export function isAnswered(source: string): boolean {
  const text = bare(source)
  if (DONE_MARK.test(text)) return true
  if (endsAsking(text)) return STRUCK.test(text) && text.replace(STRUCK, '').trim() === ''
  if (STRUCK.test(text) || YES_OR_NO.test(text)) return !STILL_OPEN.test(afterQuestion(text))
  return [...text.matchAll(INLINE)].some(({ index, 0: mark }) => answers(text, index + mark.length))
}

/** Whether a text by itself answers what stands before it: `A: the shop`, `Decision: no`. Entries such as `a) by card` are a choice. */
export function isAnswer(source: string): boolean {
  const text = bare(source)
  const [first] = text.matchAll(INLINE)
  return first?.index === 0 && !endsAsking(text) && answers(text, first[0].length)
}

/** Whether what follows a question right away answers it; a mark that is struck through asks nothing. */
export function isAnsweredAfter(source: string): boolean {
  const text = bare(source)
  if (source.startsWith('~~') || isAnswer(text)) return true
  return (
    YES_OR_NO.test(`?${text}`.slice(0, LOOKED_AT)) && YES_OR_NO.exec(`?${text}`)?.index === 0 && !STILL_OPEN.test(text)
  )
}

/** Whether this is the title of what answers the question above it. */
export function isAnswerTitle(title: string): boolean {
  return ANSWER_TITLE.test(bare(title))
}

/** Whether the cell of a column such as `Answer` or `Status` settles its row. */
export function isSettledCell(column: string, cell: string): boolean {
  const text = bare(cell)
  if (/^(?:status|state|stand|statut|estado|stato|状態|状态|상태)$/iu.test(bare(column))) return DONE_CELL.test(text)
  return isAnswerTitle(column) && answers(text, 0) && !endsAsking(text)
}

function answers(text: string, from: number): boolean {
  const said = text.slice(from, from + LOOKED_AT).replace(/^[\s*_]+/, '')
  return !isPlaceholder(said) && !STILL_OPEN.test(said)
}

function afterQuestion(text: string): string {
  return text
    .slice(Math.max(text.lastIndexOf('?'), text.lastIndexOf('？')) + 1)
    .trim()
    .slice(0, LOOKED_AT)
}

function endsAsking(text: string): boolean {
  return /[?？]["'”’)\]*_~]*$/.test(text.slice(-10))
}
