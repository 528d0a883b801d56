/** What says that something is not installed. */
export const MISSING_DEPENDENCY =
  /Cannot find (?:module|package) '[^.]|ERR_MODULE_NOT_FOUND[\s\S]{0,200}Cannot find package|No module named|no required module provides|unresolved import|error: no matching package|could not find `Cargo.toml`|Could not resolve dependencies/

/** What says that something the check needs is not in the place where it ran, by what it is. A line is told as it stands. */
const SIGNS = {
  file: /ENOENT|no such file or directory|FileNotFound|NoSuchFile|Cannot find module '\.{0,2}\/|os error 2\b|ENOTDIR|cannot open (?:shared object )?file|(?:is|file|does) not (?:found|exist)/i,
  tool: /command not found|: not found$|executable file not found|is not recognized as an internal or external command|spawn \S+ ENOENT|\bcould not be started\b/i,
  network:
    /ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ECONNREFUSED|ETIMEDOUT|could not resolve host|name resolution|name or service not known|no such host|network is unreachable|connection refused|failed to (?:download|fetch)|Connection(?:Refused)?Error|UnknownHostException/i,
  dependency: MISSING_DEPENDENCY,
} as const

/** Longer lines, and more of them, tell no more. */
const [LINE, LINES] = [300, 20]

/** Lines of a red check that name something missing where it ran; empty where its output names none. */
export function missingLines(output: string): readonly string[] {
  const lines = output.split('\n').map((line) => line.trim().slice(0, LINE))
  return [...new Set(lines.filter((line) => Object.values(SIGNS).some((sign) => sign.test(line))))].slice(0, LINES)
}

/** Of files and folders that git ignores in the working copy, those that such lines name. */
export function ignoredNamed(lines: readonly string[], ignored: readonly string[]): readonly string[] {
  return ignored.filter((path) => {
    const name = path.replace(/\/$/, '')
    const last = name.slice(name.lastIndexOf('/') + 1)
    return lines.some((line) => mentions(line, name) || mentions(line, last))
  })
}

/** A path stands between characters that belong to none. */
function mentions(line: string, path: string): boolean {
  for (let at = line.indexOf(path); at !== -1; at = line.indexOf(path, at + 1)) {
    const [before, after] = [line[at - 1] ?? ' ', line[at + path.length] ?? ' ']
    if (!/[\w.-]/.test(before) && !/[\w-]/.test(after)) return true
  }
  return false
}
