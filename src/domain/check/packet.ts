import type { Principal } from '../../../schemas/actor.ts'
import { prdKey } from '../../../schemas/key.ts'
import type { LensName } from '../../../schemas/lens.ts'
import { lensesFor } from '../../spec/check/lenses.ts'
import { findPrd, findPrdBody } from '../../store/prd/prds.ts'
import { consult, type Service } from '../service.ts'
import type { PrdCheck } from './examine.ts'

export interface LensPacket {
  readonly lenses: { lens: LensName; questions: string[] }[]
  readonly text: string
  readonly parent_text?: string
  readonly next_line?: number
}

/** Characters of numbered text in one packet; the rest comes with the next. */
const MAX_TEXT = 4500
const MAX_PARENT = 1500

/** The questions of some lenses and the text with its line numbers, from a line on; alignment also shows the parent. */
export async function lensPacket(
  service: Service,
  caller: Principal,
  { prd, body }: PrdCheck,
  names: readonly LensName[],
  fromLine: number,
): Promise<LensPacket> {
  const chosen = lensesFor(prd.kind).filter(({ name }) => names.length === 0 || names.includes(name))
  const { text, nextLine } = numbered(body, fromLine, MAX_TEXT)
  const { parentId } = prd
  const aligned = chosen.some(({ name }) => name === 'alignment')
  const parent =
    parentId === undefined || !aligned || fromLine > 1
      ? undefined
      : await consult(service, caller, 'prd.check', async (reader) => {
          const record = await findPrd(reader, parentId)
          return record && (await findPrdBody(reader, parentId, record.revision))
        })
  return {
    lenses: chosen.map(({ name, questions }) => ({ lens: name, questions: [...questions] })),
    text,
    ...(parentId !== undefined && parent !== undefined && { parent_text: beginningOf(parentId, parent) }),
    ...(nextLine !== undefined && { next_line: nextLine }),
  }
}

function beginningOf(parentId: number, body: string): string {
  const { text, nextLine } = numbered(body, 1, MAX_PARENT)
  const mark =
    nextLine === undefined
      ? ''
      : `\n… (lines 1 to ${nextLine - 1} of ${body.split('\n').length} of ${prdKey(parentId)})`
  return `${prdKey(parentId)}:\n${text}${mark}`
}

/** `12| text`, whole lines only, as many as have room. */
function numbered(
  body: string,
  from: number,
  room: number,
): { readonly text: string; readonly nextLine: number | undefined } {
  const lines = body.split('\n')
  const taken: string[] = []
  let left = room
  for (let line = from; line <= lines.length; line++) {
    const whole = lines[line - 1] ?? ''
    const mark = whole.length > room ? ` … (${room} of ${whole.length} characters of this line)` : ''
    const text = `${line}| ${whole.slice(0, room)}${mark}`
    left -= text.length + 1
    if (left < 0 && taken.length > 0) return { text: taken.join('\n'), nextLine: line }
    taken.push(text)
  }
  return { text: taken.join('\n'), nextLine: undefined }
}
