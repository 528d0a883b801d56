import { chmod, lstat, mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { SpekiError } from '../errors.ts'
import { ifMissing, onCode } from '../expected.ts'
import { hint, step } from '../step.ts'
import { git, tryGit } from './git.ts'
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
}

export interface Checkpoint {
  /** Name within the store, chosen by the caller. */
  readonly id: string
  /** Hash of the kept files: the same files give the same hash. */
  readonly tree: string
}

const Manifest = z.object({
  tree: z.string(),
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
  worktree: string,
  store: CheckpointStore,
  id: string,
  signal: AbortSignal,
): Promise<Checkpoint> {
  await openStore(worktree, store, signal)
  const found = await walk(worktree, store.unprotected)
  if (found.nested.length > 0)
    throw new SpekiError('precondition_failed', `A repository lies inside the worktree: ${found.nested.join(', ')}.`, {
      hint: 'Submodules and nested repositories cannot be kept exactly; remove it, or work on it as a repository of its own.',
    })
  const tree = await writeFiles(worktree, store, signal)
  const gitDir = await gitDirOf(worktree, signal)
  const head = (await readFile(join(gitDir, 'HEAD'), 'utf8')).trim()
  const branchCommit = head.startsWith('ref: ') ? await readRef(worktree, head.slice(5), signal) : undefined
  const manifest: Manifest = {
    tree,
    head,
    ...(branchCommit !== undefined && { branchCommit }),
    folders: found.emptyFolders,
    modes: found.modes,
  }
  const unfinished = join(store.folder, `${id}.unfinished`)
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  for (const name of STATE) {
    const bytes = await readFile(join(gitDir, name)).catch(ifMissing(undefined))
    if (bytes !== undefined) await writeFile(join(unfinished, name), bytes)
  }
  await writeFile(join(unfinished, 'manifest.json'), JSON.stringify(manifest))
  await rm(join(store.folder, id), { recursive: true, force: true })
  await rename(unfinished, join(store.folder, id))
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
  const text = await readFile(join(store.folder, id, 'manifest.json'), 'utf8').catch(ifMissing(undefined))
  if (text === undefined)
    throw new SpekiError('not_found', `There is no checkpoint ${id}.`, {
      hint: hint`Without one, ${step('task_rollback')} lists them.`,
    })
  const manifest = Manifest.parse(JSON.parse(text))
  await restoreFiles(worktree, store, manifest, signal)
  await restoreState(worktree, join(store.folder, id), manifest, signal)
  if ((await writeFiles(worktree, store, signal)) !== manifest.tree)
    throw new SpekiError('internal', `The worktree ${worktree} differs from its checkpoint after the restore.`, {
      hint: 'Something still writes to it. End that, then restore again.',
    })
}

/** Hash of every kept file as it is now, by the same reading as checkpoints. */
export async function fingerprint(worktree: string, store: CheckpointStore, signal: AbortSignal): Promise<string> {
  await openStore(worktree, store, signal)
  return await writeFiles(worktree, store, signal)
}

function gitDirectory(store: CheckpointStore): string {
  return join(store.folder, 'checkpoints.git')
}

async function openStore(worktree: string, store: CheckpointStore, signal: AbortSignal): Promise<void> {
  const directory = gitDirectory(store)
  // Written last, so a store without it is one whose making was cut off.
  const marker = join(directory, 'info', 'attributes')
  if ((await lstat(marker).catch(ifMissing(undefined))) !== undefined) return
  await mkdir(store.folder, { recursive: true })
  await rm(directory, { recursive: true, force: true })
  await git(store.folder, ['init', '--quiet', '--bare', directory], signal)
  const objects = (await git(worktree, ['rev-parse', '--path-format=absolute', '--git-path', 'objects'], signal)).trim()
  await mkdir(join(directory, 'objects', 'info'), { recursive: true })
  await writeFile(join(directory, 'objects', 'info', 'alternates'), `${objects}\n`)
  await mkdir(join(directory, 'info'), { recursive: true })
  await writeFile(marker, '* -text -eol -filter -ident -working-tree-encoding\n')
}

/** Reads all files into the store's index and writes their tree. */
async function writeFiles(worktree: string, store: CheckpointStore, signal: AbortSignal): Promise<string> {
  const env = { GIT_DIR: gitDirectory(store), GIT_WORK_TREE: worktree }
  await rm(join(gitDirectory(store), 'index.lock'), { force: true })
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
  for (const nested of present.nested) await rm(join(worktree, nested), { recursive: true, force: true })
  const listed = await git(store.folder, ['ls-tree', '-r', '-z', '--name-only', manifest.tree], signal, env)
  const kept = new Set(listed.split('\0'))
  for (const path of present.files) if (!kept.has(path)) await rm(join(worktree, path), { force: true })
  // Written anew, these get the ordinary mode.
  for (const [path] of present.modes) await rm(join(worktree, path), { force: true })
  await removeFolders(worktree, present.folders, kept, new Set(manifest.folders))
  await git(worktree, [...RAW, 'read-tree', '--reset', '-u', '--end-of-options', manifest.tree], signal, env)
  for (const folder of manifest.folders) await mkdir(join(worktree, folder), { recursive: true })
  for (const [path, mode] of manifest.modes) await chmod(join(worktree, path), mode)
}

/** Folders that hold nothing kept, deepest first; what is left unprotected in them stays. */
async function removeFolders(
  worktree: string,
  folders: readonly string[],
  kept: ReadonlySet<string>,
  empty: ReadonlySet<string>,
): Promise<void> {
  const needed = new Set<string>(empty)
  for (const path of [...kept, ...empty]) {
    for (let above = dirname(path); above !== '.'; above = dirname(above)) needed.add(above)
  }
  for (const folder of [...folders].sort((a, b) => b.length - a.length)) {
    if (kept.has(folder)) await rm(join(worktree, folder), { recursive: true, force: true })
    else if (!needed.has(folder))
      await rmdir(join(worktree, folder)).catch(
        onCode(['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST', 'EPERM'], undefined),
      )
  }
}

async function restoreState(worktree: string, kept: string, manifest: Manifest, signal: AbortSignal): Promise<void> {
  const gitDir = await gitDirOf(worktree, signal)
  for (const name of UNFINISHED) await rm(join(gitDir, name), { recursive: true, force: true })
  for (const name of ['index.lock', 'HEAD.lock']) await rm(join(gitDir, name), { force: true })
  for (const name of STATE) {
    const bytes = await readFile(join(kept, name)).catch(ifMissing(undefined))
    if (bytes === undefined) await rm(join(gitDir, name), { force: true })
    else await writeFile(join(gitDir, name), bytes)
  }
  const { head, branchCommit } = manifest
  if (branchCommit === undefined || !head.startsWith('ref: ')) return
  const branch = head.slice(5)
  if ((await readRef(worktree, branch, signal)) !== branchCommit)
    await git(worktree, ['update-ref', '--end-of-options', branch, branchCommit], signal)
}

async function gitDirOf(worktree: string, signal: AbortSignal): Promise<string> {
  const found = await tryGit(worktree, ['rev-parse', '--absolute-git-dir'], signal)
  if (found === undefined)
    throw new SpekiError('precondition_failed', `${worktree} is no worktree any more.`, {
      hint: 'Release the task and claim it again for a fresh one.',
    })
  return found
}

interface Walked {
  readonly files: string[]
  readonly folders: string[]
  readonly emptyFolders: string[]
  readonly nested: string[]
  readonly modes: [string, number][]
}

/** Everything below a worktree but its `.git` and unprotected folders; links are not followed. */
async function walk(worktree: string, unprotected: readonly string[]): Promise<Walked> {
  const walked: Walked = { files: [], folders: [], emptyFolders: [], nested: [], modes: [] }
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(join(worktree, folder), { withFileTypes: true })
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
