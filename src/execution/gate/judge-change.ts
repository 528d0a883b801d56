import { matchesGlob } from 'node:path'
import { changedPaths } from '../../git/difference.ts'

/** A reason why a change is refused whatever the checks say. */
export interface GateFinding {
  readonly class: 'NO_CHANGE' | 'SCOPE' | 'TAMPER' | 'POLICY_DENIED'
  readonly path?: string
  /** One sentence that says what to do instead. */
  readonly message: string
}

/** A change between two trees, and what binds it. */
export interface ChangeToJudge {
  /** Any folder of the repository. */
  readonly root: string
  readonly from: string
  readonly to: string
  /** Folder of the package the task is about; empty for the whole repository. */
  readonly subpath: string
  readonly protectedPaths: readonly string[]
}

/** Judges a change by its difference alone: what no check can tell. Empty where nothing speaks against it. */
export async function judgeChange(change: ChangeToJudge, signal: AbortSignal): Promise<readonly GateFinding[]> {
  const { root, from, to, subpath, protectedPaths } = change
  const changed = await changedPaths(root, from, to, signal)
  if (changed.length === 0) return [{ class: 'NO_CHANGE', message: 'Nothing was changed; do the work of the task.' }]
  return changed.flatMap(({ path }): GateFinding[] => {
    const glob = protectedPaths.find((glob) => path === glob || matchesGlob(path, glob))
    if (glob !== undefined)
      return [{ class: 'TAMPER', path, message: `${path} is protected (${glob}); leave it as it is.` }]
    if (subpath !== '' && !path.startsWith(`${subpath}/`))
      return [
        {
          class: 'SCOPE',
          path,
          message: `${path} lies outside ${subpath}, where the task belongs; leave it as it is.`,
        },
      ]
    return []
  })
}
