import type { Instant } from '../../../../schemas/key.ts'

const WRITTEN =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|UTC|[+-]\d{2}:?\d{2})?)?$/i

/**
 * ISO 8601 with any zone, `YYYY-MM-DD HH:mm` or a day alone; without a zone it is UTC, so that every machine reads the
 * same. Undefined where it is no such date, or lies before 1970.
 */
export function readDate(written: string): Instant | undefined {
  const match = WRITTEN.exec(written.trim())
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction, zone] = match
  const at = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour ?? 0),
    Number(minute ?? 0),
    Number(second ?? 0),
    Number((fraction ?? '0').padEnd(3, '0').slice(0, 3)),
  )
  // Date.UTC lets the 30th of February run on into March.
  const date = new Date(at)
  const exists =
    date.getUTCMonth() + 1 === Number(month) &&
    date.getUTCDate() === Number(day) &&
    Number(hour ?? 0) < 24 &&
    Number(minute ?? 0) < 60 &&
    Number(second ?? 0) < 60
  const instant = at - offset(zone)
  return exists && instant >= 0 ? instant : undefined
}

function offset(zone: string | undefined): number {
  if (zone === undefined || /^(?:z|utc)$/i.test(zone)) return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}
