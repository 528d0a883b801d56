const MAX_PATHS = 50
const CODED = /`([^`\s]{1,300})`/g
const BARE =
  /(?:^|[\s(,:])((?:\.{1,2}\/)?[\w@.[\]-]+(?:\/[\w@.[\]*-]+)+\/?|[\w-]+\.(?:[cm]?[jt]sx?|py|go|rs|cs|java|kt|rb|php|swift|md|json|ya?ml|toml|sql|html|css|sh))(?=$|[\s),.;:])/g
const FILE = /^(?!https?:|\/\/)[\w@.[\]*/-]+$/
/** Documents of the feature itself. */
const DOCUMENT = /^(?:contracts|checklists)\/|^(?:spec|plan|research|data-model|quickstart|tasks)\.md$/

/** Paths that a task names: what to work on, and what to read in the folder of the feature. */
export function pathsIn(
  text: string,
  folder: string,
): { readonly files: readonly string[]; readonly references: readonly string[] } {
  const files = new Set<string>()
  const references = new Set<string>()
  for (const pattern of [CODED, BARE])
    for (const match of text.matchAll(pattern)) {
      const path = (match[1] ?? '').replace(/^\.\//, '').replace(/[.:]+$/, '')
      if (!FILE.test(path) || !isPath(path)) continue
      const inside = folder !== '' && path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path
      if (DOCUMENT.test(inside)) references.add(folder === '' ? inside : `${folder}/${inside}`)
      else files.add(path)
    }
  return { files: [...files].slice(0, MAX_PATHS), references: [...references].slice(0, MAX_PATHS) }
}

/** `create/update` and `1/2` are words; a path has a file at its end, or begins or ends like a folder. */
function isPath(path: string): boolean {
  const last = path.replace(/\/$/, '').split('/').at(-1) ?? ''
  if (/\.[A-Za-z]\w{0,9}$/.test(last) && !/^\.{1,2}$/.test(last)) return path.includes('/') || !/^\d/.test(last)
  return path.endsWith('/') && /[A-Za-z]/.test(path)
}
