import { chmod, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { SpekiError } from '../../errors.ts'
import { ifMissing, ifRefused, onCode } from '../../expected.ts'
import { removeEmpty, removeInside } from '../../files/remove.ts'
import { replaceFolder, replaceInside } from '../../files/replace.ts'
import { hint, step } from '../../step.ts'
import { git } from '../git.ts'
import { type PrivateTree, privateGitFolder, quotePath } from './private-repository.ts'
import { findPlace } from './worktree-place.ts'
import { readRef } from './worktrees.ts'

/**
 * Checkpoints lie in a git repository of their own, outside the worktree: its objects are borrowed from the real one where
 * they are the same, and no attribute, filter, line-end conversion or ignore rule of the project applies, so that every
 * byte comes back. What is not in it: folders named as unprotected (dependencies that an install makes again), times of
 * files, and owners.
 */
export interface CheckpointStore {
  /** Folder of the checkpoints of one worktree. */
  readonly folder: string
  /** Names of folders that are not kept, wherever they lie, for example `node_modules`. */
  readonly unprotected: readonly string[]
  /** The folder of SPEKI's own in which both the worktree and the checkpoints lie. */
  readonly within: string
}

export interface Checkpoint {
  /** Name within the store, chosen by the caller. */
  readonly id: string
  /** Hash of the kept files: the same files give the same hash. */
  readonly tree: string
}

const Manifest = z.object({
  tree: z.string(),
  /** Commit that the work is over; absent where HEAD says it, and in checkpoints of earlier releases. */
  base: z.string().optional(),
  head: z.string(),
  branchCommit: z.string().optional(),
  folders: z.array(z.string()),
  /** Modes that git does not tell apart from 644 and 755. */
  modes: z.array(z.tuple([z.string(), z.number()])),
})
type Manifest = z.infer<typeof Manifest>

/** Files of a worktree's own git folder that belong to its state; all others are logs, locks or constants. */
const STATE = ['index', 'HEAD', 'MERGE_HEAD', 'MERGE_MSG', 'MERGE_MODE', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'ORIG_HEAD']
const UNFINISHED = ['rebase-merge', 'rebase-apply', 'sequencer']

/**
 * Keeps worktree, index and HEAD as they are under a name of letters, digits and dashes; one of that name is replaced.
 * Whole or not at all, even if killed. Throws `precondition_failed` where a nested repository lies in the worktree.
 */
export async function createCheckpoint(
  { root, worktree }: Pick<PrivateTree, 'root' | 'worktree'>,
  store: CheckpointStore,
  id: string,
  signal: AbortSignal,
): Promise<Checkpoint> {
  await openStore(root, store, signal)
  const found = await walk(worktree, store.unprotected)
  if (found.nested.length > 0)
    throw new SpekiError('precondition_failed', `A repository lies inside the worktree: ${found.nested.join(', ')}.`, {
      hint: 'Submodules and nested repositories cannot be kept exactly; remove it, or work on it as a repository of its own.',
    })
  if (found.tooDeep.length > 0)
    throw new SpekiError('precondition_failed', `Folders lie too deep in the worktree: ${found.tooDeep.join(', ')}.`, {
      hint: 'No program can name what lies there; take it away.',
    })
  const tree = await writeFiles(worktree, store, signal)
  const gitDir = await privateGitFolder(worktree)
  const head = (await readFile(join(gitDir, 'HEAD'), 'utf8')).trim()
  const branchCommit = head.startsWith('ref: ') ? await ownRef(worktree, gitDir, head.slice(5), signal) : undefined
  const base = findPlace(worktree) === undefined ? undefined : await readRef(worktree, 'HEAD', signal)
  const manifest: Manifest = {
    tree,
    ...(base !== undefined && { base }),
    head,
    ...(branchCommit !== undefined && { branchCommit }),
    folders: found.emptyFolders,
    modes: found.modes,
  }
  const unfinished = join(store.folder, `${id}.unfinished`)
  await removeInside(unfinished, store.within)
  await mkdir(unfinished, { recursive: true })
  for (const name of STATE) {
    const bytes = await readFile(join(gitDir, name)).catch(ifMissing(undefined))
    if (bytes !== undefined) await writeFile(join(unfinished, name), bytes)
  }
  await writeFile(join(unfinished, 'manifest.json'), JSON.stringify(manifest))
  await replaceFolder(join(store.folder, id), unfinished, store.within)
  return { id, tree }
}

/**
 * Brings worktree, index, HEAD and its branch back to a checkpoint, then reads everything again and compares. The
 * caller has made sure that nobody writes any more. Throws `not_found` for an unknown name, `internal` where the
 * comparison fails.
 */
export async function restoreCheckpoint(
  worktree: string,
  store: CheckpointStore,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const manifest = await readManifest(store, id)
  await restoreFiles(worktree, store, manifest, signal)
  await restoreState(worktree, store, id, manifest, signal)
  if ((await writeFiles(worktree, store, signal)) !== manifest.tree)
    throw new SpekiError('internal', `The worktree ${worktree} differs from its checkpoint after the restore.`, {
      hint: 'Something still writes to it. End that, then restore again.',
    })
}

async function readManifest(store: CheckpointStore, id: string): Promise<Manifest> {
  const text = await readFile(join(store.folder, id, 'manifest.json'), 'utf8').catch(ifMissing(undefined))
  if (text === undefined)
    throw new SpekiError('not_found', `There is no checkpoint ${id}.`, {
      hint: hint`Without one, ${step('task_rollback')} lists them.`,
    })
  return Manifest.parse(JSON.parse(text))
}

/** Hash of every kept file as it is now, by the same reading as checkpoints. */
export async function fingerprint(
  { root, worktree }: Pick<PrivateTree, 'root' | 'worktree'>,
  store: CheckpointStore,
  signal: AbortSignal,
): Promise<string> {
  await openStore(root, store, signal)
  return await writeFiles(worktree, store, signal)
}

function gitDirectory(store: CheckpointStore): string {
  return join(store.folder, 'checkpoints.git')
}

async function openStore(root: string, store: CheckpointStore, signal: AbortSignal): Promise<void> {
  const directory = gitDirectory(store)
  // Written last, so a store without it is one whose making was cut off.
  const marker = join(directory, 'info', 'attributes')
  if ((await lstat(marker).catch(ifMissing(undefined))) !== undefined) return
  await mkdir(store.folder, { recursive: true })
  await removeInside(directory, store.within)
  await git(store.folder, ['init', '--quiet', '--bare', directory], signal)
  const objects = (await git(root, ['rev-parse', '--path-format=absolute', '--git-path', 'objects'], signal)).trim()
  await mkdir(join(directory, 'objects', 'info'), { recursive: true })
  await writeFile(join(directory, 'objects', 'info', 'alternates'), `${quotePath(objects)}\n`)
  await mkdir(join(directory, 'info'), { recursive: true })
  await writeFile(marker, '* -text -eol -filter -ident -working-tree-encoding\n')
}

/** Reads all files into the store's index and writes their tree. */
async function writeFiles(worktree: string, store: CheckpointStore, signal: AbortSignal): Promise<string> {
  const env = { GIT_DIR: gitDirectory(store), GIT_WORK_TREE: worktree }
  await removeInside(join(gitDirectory(store), 'index.lock'), store.within)
  const left = store.unprotected.map((name) => `:(exclude,glob)**/${name}/**`)
  const links = store.unprotected.map((name) => `:(exclude,glob)**/${name}`)
  await git(worktree, [...RAW, 'add', '--all', '--force', '--', '.', ...left, ...links], signal, env)
  return (await git(worktree, ['write-tree'], signal, env)).trim()
}

/** Bytes as they are, whatever the user's own configuration says; and no guessing about unchanged files. */
const RAW = ['-c', 'core.autocrlf=false', '-c', 'core.untrackedCache=false', '-c', 'core.fileMode=true', '-c', 'gc.auto=0', '-c', 'advice.addEmbeddedRepo=false'] // biome-ignore format: flags

async function restoreFiles(
  worktree: string,
  store: CheckpointStore,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<void> {
  const env = { GIT_DIR: gitDirectory(store), GIT_WORK_TREE: worktree }
  const present = await walk(worktree, store.unprotected)
  for (const nested of [...present.nested, ...present.tooDeep]) await removeInside(join(worktree, nested), store.within)
  const listed = await git(store.folder, ['ls-tree', '-r', '-z', '--name-only', manifest.tree], signal, env)
  const kept = new Set(listed.split('\0'))
  for (const path of present.files) if (!kept.has(path)) await removeInside(join(worktree, path), store.within)
  // Written anew, these get the ordinary mode.
  for (const [path] of present.modes) await removeInside(join(worktree, path), store.within)
  await removeFolders(worktree, store.within, present.folders, kept, new Set(manifest.folders))
  await git(worktree, [...RAW, 'read-tree', '--reset', '-u', '--end-of-options', manifest.tree], signal, env)
  for (const folder of manifest.folders) await mkdir(join(worktree, folder), { recursive: true })
  for (const [path, mode] of manifest.modes) await chmod(join(worktree, path), mode)
}

/** Folders that hold nothing kept, deepest first; what is left unprotected in them stays. */
async function removeFolders(
  worktree: string,
  within: string,
  folders: readonly string[],
  kept: ReadonlySet<string>,
  empty: ReadonlySet<string>,
): Promise<void> {
  const needed = new Set<string>(empty)
  for (const path of [...kept, ...empty]) {
    for (let above = dirname(path); above !== '.'; above = dirname(above)) needed.add(above)
  }
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) {
    if (kept.has(folder)) await removeInside(join(worktree, folder), within)
    else if (!needed.has(folder)) await removeEmpty(join(worktree, folder), within)
  }
}

async function restoreState(
  worktree: string,
  store: CheckpointStore,
  id: string,
  { head, branchCommit, base }: Manifest,
  signal: AbortSignal,
): Promise<void> {
  const gitDir = await privateGitFolder(worktree)
  for (const name of [...UNFINISHED, 'index.lock', 'HEAD.lock']) await removeInside(join(gitDir, name), store.within)
  for (const name of STATE) {
    const bytes = await readFile(join(store.folder, id, name)).catch(ifMissing(undefined))
    if (bytes === undefined) await removeInside(join(gitDir, name), store.within)
    else await replaceInside(join(gitDir, name), bytes, worktree)
  }
  if (base !== undefined) {
    await git(worktree, ['update-ref', '--no-deref', 'HEAD', base], signal)
    await git(worktree, ['read-tree', '--reset', 'HEAD'], signal)
  }
  if (branchCommit === undefined || !head.startsWith('ref: ')) return
  const branch = head.slice(5)
  if ((await ownRef(worktree, gitDir, branch, signal)) === branchCommit) return
  // As files: the git folder is the agent's by now, and what git would do there it decides.
  const written = await replaceInside(join(gitDir, branch), `${branchCommit}\n`, worktree).then(
    () => true,
    onCode(['ENOTDIR', 'EISDIR', 'EEXIST'], false),
  )
  // A branch that was made of the name of its folder, or below its own: without that branch, at the same commit.
  if (!written) await replaceInside(join(gitDir, 'HEAD'), `${branchCommit}\n`, worktree)
}

/** Where a branch stands in the worktree's own git folder, which may be an agent's by now. */
async function ownRef(worktree: string, gitDir: string, ref: string, signal: AbortSignal): Promise<string | undefined> {
  const own = { GIT_DIR: gitDir, GIT_WORK_TREE: worktree }
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]
  return (await git(worktree, args, signal, own).catch(ifRefused(''))).trim() || undefined
}

interface Walked {
  readonly files: string[]
  readonly folders: string[]
  readonly emptyFolders: string[]
  readonly nested: string[]
  /** Folders at the top in which paths are longer than the system takes. */
  readonly tooDeep: string[]
  readonly modes: [string, number][]
}

/** Everything below a worktree but its `.git` and unprotected folders; links are not followed. */
async function walk(worktree: string, unprotected: readonly string[]): Promise<Walked> {
  const walked: Walked = { files: [], folders: [], emptyFolders: [], nested: [], tooDeep: [], modes: [] }
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(join(worktree, folder), { withFileTypes: true }).catch(
      onCode(['ENAMETOOLONG'], undefined),
    )
    if (entries === undefined) {
      walked.tooDeep.push(folder.split('/', 1)[0] ?? folder)
      return
    }
    if (entries.length === 0 && folder !== '') walked.emptyFolders.push(folder)
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (path === '.git' || unprotected.includes(entry.name)) continue
      if (entry.name === '.git') {
        walked.nested.push(folder)
        continue
      }
      if (entry.isDirectory()) {
        walked.folders.push(path)
        await visit(path)
        continue
      }
      walked.files.push(path)
      if (!entry.isFile()) continue
      const mode = (await lstat(join(worktree, path))).mode & 0o777
      if (mode !== 0o644 && mode !== 0o755) walked.modes.push([path, mode])
    }
  }
  await visit('')
  return walked
}
