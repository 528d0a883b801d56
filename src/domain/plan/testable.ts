/** Words that let any outcome pass. */
const VAGUE =
  /(?<![\p{L}\p{N}])(?:(?:works?|working|functions?|behaves?) (?:properly|correctly|well|fine|as expected)|properly|as expected|as intended|as appropriate|graceful(?:ly)?|appropriate(?:ly)?|user[- ]friendly|intuitive(?:ly)?|seamless(?:ly)?|robust(?:ly)?|fast|quickly|efficient(?:ly)?|reasonabl[ey]|performant|easy to use|high[- ]quality|best practices?|state[- ]of[- ]the[- ]art|and so on|and so forth|etc)(?![\p{L}\p{N}-])/iu

/** Nothing is said at all. */
const EMPTY =
  /^[\s\W]*(?:tbd|tba|todo|to be (?:done|defined|decided|determined)|n\/?a|none|done|(?:it |this )?works?|ok(?:ay)?|\?*)[\s\W]*$/iu

/** A number of its own; the one in FR-12 measures nothing. */
const NUMBER = /(?<![\p{L}\p{N}-])\p{N}/u
const QUOTED = /["“”«»`„]|(?<![\p{L}\p{N}])'[^']+'/u
/** What a test can see from outside. */
const OBSERVABLE =
  /(?<![\p{L}\p{N}])(?:returns?|answers?|responds?|repl(?:y|ies)|shows?|shown|displays?|displayed|logs?|logged|throws?|thrown|raises?|raised|rejects?|rejected|refuses?|refused|stores?|stored|saves?|saved|writes?|written|contains?|equals?|exits?|prints?|printed|emits?|emitted|sends?|sent|redirects?|redirected|creates?|created|deletes?|deleted|removes?|removed|lists?|listed|appears?|disappears?|visible|hidden|disabled|enabled|passes|fails|compiles)(?![\p{L}\p{N}])/iu

/** The words for which nobody could tell whether the criterion holds; undefined where it can be checked. */
export function findUntestable(criterion: string): string | undefined {
  if (EMPTY.test(criterion)) return criterion.trim()
  const vague = VAGUE.exec(criterion)?.[0]
  if (vague === undefined) return undefined
  return NUMBER.test(criterion) || QUOTED.test(criterion) || OBSERVABLE.test(criterion) ? undefined : vague
}
