import type { SourceLines } from '../../../schemas/requirement.ts'
import type { Block } from '../markdown/markdown-block.ts'
import type { MayCutBefore } from './cut-places.ts'
import { isShared, type Part } from './parts.ts'

/** Lines that cannot be divided further, or need not be. */
export interface Piece extends SourceLines {
  readonly requirements: number
  /** Of the section it is or stands in. */
  readonly title: string
  /** It is a whole section and brings its own heading. */
  readonly whole: boolean
}

/** The text below a part's heading in pieces of at most so many requirements where it can be cut so; in order. */
export function piecesOf(part: Part, most: number, mayCut: MayCutBefore, lines: readonly string[]): readonly Piece[] {
  const pieces: Piece[] = []
  // What may not be cut off goes with what stands before it.
  const add = (piece: Piece): void => {
    const before = pieces.at(-1)
    if (before === undefined || mayCut(piece.start)) pieces.push(piece)
    else pieces[pieces.length - 1] = joined(before, piece)
  }
  for (const piece of ownPieces(part, mayCut, lines)) add(piece)
  for (const child of part.parts) {
    const small = child.requirements.length <= most || child.isRequirement || isShared(child.title)
    const inner = small ? [] : piecesOf(child, most, mayCut, lines)
    if (inner.length < 2) add(wholeOf(child))
    else for (const piece of inner) add(piece)
  }
  return pieces
}

function wholeOf(part: Part): Piece {
  const requirements = isShared(part.title) ? 0 : part.requirements.length
  return { start: part.start, end: part.end, requirements, title: part.title, whole: true }
}

function joined(before: Piece, { end, requirements }: Piece): Piece {
  return { ...before, end, requirements: before.requirements + requirements }
}

/** What stands between the heading and the first subsection, cut in front of top-level blocks. */
function ownPieces(part: Part, mayCut: MayCutBefore, lines: readonly string[]): readonly Piece[] {
  const { section, title } = part
  const end = (part.parts[0]?.start ?? part.end + 1) - 1
  const starts = blockStarts(section.blocks, lines).filter(mayCut)
  const own = part.requirements.filter(({ lines: { start } }) => start <= end)
  let next = 0
  const pieces: Piece[] = []
  for (const [index, start] of starts.entries()) {
    const last = (starts[index + 1] ?? end + 1) - 1
    const from = next
    while (next < own.length && (own[next]?.lines.start ?? 0) <= last) next++
    const piece = { start, end: last, requirements: next - from, title, whole: false }
    const before = pieces.at(-1)
    // A remark belongs to the requirement above it.
    if (piece.requirements === 0 && before !== undefined && before.requirements > 0)
      pieces[pieces.length - 1] = joined(before, piece)
    else pieces.push(piece)
  }
  return pieces
}

/** Lines in front of which no block is open: not those of a list that a line above introduces. */
function blockStarts(
  blocks: readonly Exclude<Block, { kind: 'heading' }>[],
  lines: readonly string[],
): readonly number[] {
  const starts: number[] = []
  let introduced = false
  for (const block of blocks) {
    if (block.kind === 'item') {
      if (!introduced) starts.push(block.start)
      continue
    }
    const start = block.kind === 'table' ? block.header.line : (block.lines[0]?.line ?? 1)
    const apart = (lines[start - 2] ?? '').trim() === ''
    if (apart && !(block.kind === 'table' && introduced)) starts.push(start)
    introduced = block.kind === 'paragraph' && introduces(block.lines.at(-1)?.text ?? '')
  }
  return starts
}

function introduces(text: string): boolean {
  return /:\W*$/.test(text) || /^(?:\*\*|__)[^*_]+(?:\*\*|__)\W*$/.test(text)
}

/** Neighbours together as long as they have at most so many requirements; those without any stay where they are. */
export function pack(pieces: readonly Piece[], most: number, fewest: number): readonly (readonly Piece[])[] {
  const chunks: Piece[][] = []
  let size = 0
  for (const piece of pieces) {
    if (piece.requirements === 0) continue
    if (chunks.length === 0 || size + piece.requirements > most) {
      chunks.push([])
      size = 0
    }
    chunks.at(-1)?.push(piece)
    size += piece.requirements
  }
  const last = chunks.at(-1)
  if (chunks.length > 1 && last !== undefined && countOf(last) < fewest) {
    chunks.pop()
    chunks.at(-1)?.push(...last)
  }
  return chunks
}

export function countOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { requirements }) => sum + requirements, 0)
}
