import { tryParse } from '../../../expected.ts'
import { anchorsOf } from '../../markdown/anchors.ts'
import { slugOf } from '../../markdown/section-lookup.ts'
import { nearestFinder, partFinder } from '../../nearest.ts'
import { parseLabel } from '../../requirement/label.ts'
import type { Part } from '../part.ts'
import type { Hit, Rule } from '../rule.ts'
import { search } from '../search.ts'
import type { Specification } from '../specification.ts'

const LABEL = /(?<![\w-])([A-Z]{1,10}(?:-[A-Z]{1,10})*)-?(\d{1,6}(?:\.\d{1,4})*)(?![\w-])/g

/** `FR-007` and `FR7` are one. */
function normalise(family: string, number: string): string {
  return `${family.toUpperCase()}-${number.replace(/\d+/g, (digits) => String(Number(digits)))}`
}

/** Everything that is defined somewhere: at the start of a line, an item, a heading or a row. */
function definedLabels(specification: Specification): ReadonlySet<string> {
  const starts = [
    ...specification.extraction.requirements.flatMap(({ label }) => label ?? []),
    ...specification.headings.flatMap(({ title }) => parseLabel(title)?.label ?? []),
    ...specification.passages.flatMap(({ raw }) => parseLabel(raw.startsWith('|') ? raw.slice(1) : raw)?.label ?? []),
    ...specification.passages.flatMap(({ cells }) => [...(cells?.values() ?? [])].slice(0, 1)),
  ]
  return new Set(
    starts.flatMap((label) =>
      [...label.matchAll(LABEL)].slice(0, 1).map(([, family = '', number = '']) => normalise(family, number)),
    ),
  )
}

/** Finds the one label that differs in a single digit or in two that changed places; undefined where several do. */
function labelFinder(labels: readonly string[]): (wanted: string) => string | undefined {
  const written = labels.map((label) => {
    const [, family = '', number = ''] = /^(.*?)-?(\d.*)$/.exec(label) ?? []
    return { label, normal: normalise(family, number) }
  })
  const byNormal = Map.groupBy(written, ({ normal }) => normal)
  const byGap = new Map<string, (typeof written)[number][]>()
  for (const entry of written)
    for (const gap of gapsOf(entry.normal)) {
      const known = byGap.get(gap)
      if (known === undefined) byGap.set(gap, [entry])
      else known.push(entry)
    }
  return (wanted) => {
    const near: string[] = []
    for (const gap of gapsOf(wanted))
      for (const { label, normal } of byGap.get(gap) ?? []) {
        if (normal !== wanted) near.push(label)
        if (near.length > 1) return undefined
      }
    for (let first = 0; first < wanted.length; first++)
      for (let second = first + 1; second < wanted.length; second++) {
        if (wanted[first] === wanted[second]) continue
        const swapped = [...wanted]
        swapped[first] = wanted[second] ?? ''
        swapped[second] = wanted[first] ?? ''
        for (const { label } of byNormal.get(swapped.join('')) ?? []) near.push(label)
        if (near.length > 1) return undefined
      }
    return near[0]
  }
}

/** A label with each of its characters left open in turn. */
function gapsOf(label: string): readonly string[] {
  return Array.from(label.slice(0, MAX_LABEL), (_, at) => `${label.slice(0, at)}\n${label.slice(at + 1)}`)
}

const MAX_LABEL = 60

/** Known to everybody who builds software, or plain words in capitals. */
const COMMON = new Set(
  'A AM API APIS APP ASCII AWS AC CD CI CLI CPU CRUD CSS CSV DB DDOS DNS DOM DST EU EUR FAQ FIFO FTP GB GDPR GET GBP GIF GMT GPS GPU GUI GUID HEAD HTML HTTP HTTPS IBAN ID IDE IDS IMAP IO IOS IP ISO IT JPEG JPG JS JSON JSONL JWT KB KPI LAN LDAP MAC MB MCP MD MFA MIME ML MP MP3 MP4 MVP NAT NFC NFR NO NOT NTP NULL OAUTH OIDC OK OR OS OTP PATCH PC PDF PHP PII PIN PNG POST PR PRD PUT QA QR RAM REST RFC ROI RPC RSS SAAS SAML SCIM SDK SFTP SHA SHALL MUST SHOULD MAY SKU SLA SLI SLO SMS SMTP SOAP SPA SQL SSD SSE SSH SSL SSO SVG TB TCP TLS TODO TOTP TSV TTL TV TXT UDP UI UK UML URI URL URLS US USA USB USD UTC UTF UUID UX VAT VM VPN WAN WCAG WHEN THEN GIVEN AND IF WIFI XLSX XML XSS YAML ZIP DELETE OPTIONS WHILE WHERE IN OUT ON OFF YES CET CEST ADR ETA FIXME TBD BOM LF CRLF EAN GTIN PO HR CRM ERP THE NEEDS EACH ANY ALL BY TO OF FOR WITH FROM THAT SYSTEM BE IS ARE HAS DONE WAV PNG CPUS'.split(
    ' ',
  ),
)

const TERM_PARTS: readonly Part[] = ['requirements', 'goals', 'constraints', 'metrics', 'failures', 'flows', 'done']

export const referenceRules: readonly Rule[] = [
  {
    id: 'reference.label',
    severity: 'warning',
    asks: 'An id that is mentioned is defined.',
    find(specification) {
      const defined = definedLabels(specification)
      const labels = specification.extraction.requirements.flatMap(({ label }) => label ?? [])
      const families = new Set(
        specification.extraction.requirements.flatMap(({ label }) =>
          label === undefined ? [] : [/^[A-Za-z-]*[A-Za-z]/.exec(label)?.[0].toUpperCase() ?? ''],
        ),
      )
      let findNear: ReturnType<typeof labelFinder> | undefined
      return search(specification.passages, LABEL).flatMap(({ text, place }): Hit[] => {
        const [, family = '', number = ''] = /^(.*?)-?(\d.*)$/.exec(text) ?? []
        if (!families.has(family.toUpperCase()) || defined.has(normalise(family, number))) return []
        findNear ??= labelFinder(labels)
        const meant = findNear(normalise(family, number))
        return [
          {
            place,
            message: `${text} is not defined in this text. Mend the id${meant === undefined ? '' : ` (is ${meant} meant?)`}, or write the requirement.`,
            ...(meant !== undefined && { instead: meant }),
          },
        ]
      })
    },
  },
  {
    id: 'reference.section',
    severity: 'warning',
    asks: 'A section that is pointed to is there.',
    find(specification) {
      const slugs = new Set(anchorsOf(specification.headings).map(({ anchor }) => anchor))
      const titles = specification.headings.map(({ title }) => title)
      // Kinder than renderers are: other ways to write an anchor are no defect of the text.
      for (const title of titles) slugs.add(slugOf(title))
      if (/<a\s/.test(specification.text))
        for (const match of specification.text.matchAll(/<a\s[^<>]*(?:id|name)=["']([^"']{1,200})["']/g))
          slugs.add(match[1] ?? '')
      const numbered = new Set(titles.flatMap((title) => /^(\d+(?:\.\d+)*)[.)]?\s/.exec(title)?.[1] ?? []))
      const findNear = nearestFinder(() => slugs)
      const isNamed = partFinder(() => titles.map(slugOf))
      const pointing = specification.passages.filter(({ raw }) => raw.includes('](#') || /\bsection\b/i.test(raw))
      return pointing.flatMap((passage): Hit[] => [
        ...[...passage.raw.matchAll(/\]\(#([^)\s]{1,200})\)/g)].flatMap((match): Hit[] =>
          slugs.has(decode(match[1] ?? ''))
            ? []
            : [
                {
                  place: passage.at(match.index + 2, match.index + match[0].length - 1),
                  ...deadAnchor(match[1] ?? '', findNear),
                },
              ],
        ),
        ...[
          ...passage.raw.matchAll(
            /\b(?:see|in|under|of) (?:the )?section\s+(?:["“]([^"”]{2,80})["”]|(\d+(?:\.\d+)*))/gi,
          ),
        ].flatMap((match): Hit[] => {
          const there =
            match[1] !== undefined
              ? isNamed(slugOf(match[1] ?? ''))
              : numbered.size === 0 || numbered.has(match[2] ?? '')
          return there
            ? []
            : [
                {
                  place: passage.at(match.index, match.index + match[0].length),
                  message: `There is no section ${match[1] === undefined ? match[2] : `"${match[1]}"`} in this text. Name the one that is meant.`,
                },
              ]
        }),
      ])
    },
  },
  {
    id: 'reference.link',
    severity: 'warning',
    asks: 'A link leads somewhere.',
    find(specification) {
      const targets = new Set(
        [...specification.text.matchAll(/^\s{0,3}\[([^\]]{1,200})\]:\s*\S/gm)].map((match) =>
          (match[1] ?? '').toLowerCase(),
        ),
      )
      return specification.passages.flatMap((passage): Hit[] => {
        if (!passage.raw.includes('](') && !passage.raw.includes('][')) return []
        const code = passage.raw.replace(/`[^`]*`/g, (text) => ' '.repeat(text.length))
        return [
          ...[
            ...code.matchAll(
              /\[[^\]]{1,200}\]\((\s*|#|<>|TODO|TBD|link|url|https?:\/\/(?:www\.)?example\.(?:com|org|net)[^()]*|https?:\/\/?)\)/gi,
            ),
          ].map((match) => ({
            place: passage.at(match.index, match.index + match[0].length),
            message: `"${match[0].slice(0, 80)}" leads nowhere. Give the address, or take the link out.`,
          })),
          ...[...code.matchAll(/\[[^\]]{1,200}\]\[([^\]]{1,200})\]/g)]
            .filter((match) => !targets.has((match[1] ?? '').toLowerCase()))
            .map((match) => ({
              place: passage.at(match.index, match.index + match[0].length),
              message: `The link "${match[1]}" is not defined in this text. Add "[${match[1]}]: address".`,
            })),
        ]
      })
    },
  },
  {
    id: 'reference.term',
    severity: 'info',
    asks: 'An abbreviation is explained.',
    find(specification) {
      const seen = new Set<string>()
      const own = new Set(
        specification.extraction.requirements.flatMap(({ label }) => /^[A-Z]+/.exec(label ?? '')?.[0] ?? []),
      )
      const passages = specification.passages.filter(({ parts }) => parts.some((part) => TERM_PARTS.includes(part)))
      let explained: ReadonlySet<string> | undefined
      return search(passages, /(?<![\w/.-])[A-Z]{2,6}s?(?![\w/-]|\.\w)/g).flatMap(({ text, place }): Hit[] => {
        const term = text.replace(/s$/, '')
        if (term.length < 2 || COMMON.has(term) || own.has(term) || seen.has(term)) return []
        seen.add(term)
        explained ??= explainedTerms(specification)
        return explained.has(term)
          ? []
          : [{ place, message: `"${term}" is not explained. Write it out once, or put it under "## Glossary".` }]
      })
    },
  },
]

function deadAnchor(
  anchor: string,
  findNear: (wanted: string) => string | undefined,
): Pick<Hit, 'message' | 'instead'> {
  const meant = findNear(decode(anchor))
  const help = meant === undefined ? 'Mend the link.' : `Is "#${meant}" meant?`
  return {
    message: `No heading of this text has the anchor "#${anchor}". ${help}`,
    ...(meant !== undefined && { instead: `#${meant}` }),
  }
}

/** Abbreviations that the text writes out, gives in brackets or has in its glossary. */
function explainedTerms({ text, of }: Specification): ReadonlySet<string> {
  const explained = new Set<string>()
  for (const [, term = ''] of text.matchAll(
    /\b([A-Z]{2,6})s?\b(?=[ \t*_)"”]{0,3}(?:\(|:|–|—|-\s|means\b|is (?:an?|the)\b|stands for\b|\|))/g,
  ))
    explained.add(term)
  for (const [, inside = ''] of text.matchAll(/\(([^()]{0,90})\)/g))
    for (const { 0: found, 1: term = '', index } of inside.matchAll(/\b([A-Z]{2,6})s?\b/g))
      if (index <= 40 && inside.length - index - found.length <= 40) explained.add(term)
  for (const { raw } of of('glossary'))
    for (const [capitals] of raw.matchAll(/[A-Z]{2,}/g))
      for (let from = 0; from < capitals.length; from++)
        for (let length = 2; length <= 6; length++) explained.add(capitals.slice(from, from + length))
  return explained
}

function decode(anchor: string): string {
  return tryParse(() => decodeURIComponent(anchor).toLowerCase()) ?? anchor
}
