// Keeps the person's secrets out of what the system shows of a long-lived process: its environment as it began.
import { lstatSync, mkdtempSync, readFileSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** Names the file with the rest of the environment; stays in what the system shows, so that it is seen that there was one. */
const HANDED = 'SPEKI_HANDED'

/** The file lies alone in a folder of that beginning, in the folder for what is temporary. */
const [FOLDER, FILE] = ['speki-environment-', 'handed-over']

/** What a program needs to begin, and by which a workspace is known. */
const SHOWN =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|PWD|TZ|TERM|TMPDIR|LANG|LC_\w+|LD_LIBRARY_PATH|XDG_(?:CONFIG|CACHE|DATA|STATE)_HOME|NODE_(?:OPTIONS|PATH|ENV|EXTRA_CA_CERTS|COMPILE_CACHE|DISABLE_COMPILE_CACHE|V8_COVERAGE|NO_WARNINGS|USE_ENV_PROXY)|SPEKI_(?:HOME|DB|PROJECT|USER|AGENT|MARK|LOG|SLOW_MS|REQUEST_ID))$/

/** Commands beside which agents run. */
const LASTING = ['mcp', 'serve', 'worker']

/**
 * Starts this process anew, under the same id, with a small environment; the rest comes through a file that only its owner can
 * read and that is gone before anything else happens. Where the system or this Node cannot do that, it goes on as it is.
 */
export function handOver() {
  const file = process.env[HANDED]
  if (file !== undefined) return takeOver(file)
  if (process.platform === 'win32' || process.execve === undefined) return
  if (!process.argv.some((argument) => LASTING.includes(argument))) return
  const all = Object.entries(process.env)
  const hidden = all.filter(([name]) => !SHOWN.test(name))
  if (hidden.length === 0 || (process.argv.includes('mcp') && shownByParent(hidden))) return
  const place = write(JSON.stringify(Object.fromEntries(hidden)))
  if (place === undefined) return
  const shown = Object.fromEntries(all.filter(([name]) => SHOWN.test(name)))
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...shown,
    [HANDED]: place,
  })
}

/** Whether who started this shows all of it too: then hiding it here hides nothing, and would only make a client wait. */
function shownByParent(variables) {
  try {
    const shown = new Set(readFileSync(`/proc/${process.ppid}/environ`, 'utf8').split('\0'))
    return variables.every(([name, value]) => shown.has(`${name}=${value}`))
  } catch (error) {
    // Another user's, gone, or a system that shows no such file.
    if (error.syscall === undefined) throw error
    return false
  }
}

function write(text) {
  try {
    const place = join(mkdtempSync(join(tmpdir(), FOLDER)), FILE)
    writeFileSync(place, text, { mode: 0o600, flag: 'wx' })
    return place
  } catch (error) {
    // A folder that cannot be written, or a full disk: the server is wanted all the same.
    if (error.syscall === undefined) throw error
    return undefined
  }
}

/** Only what `write` makes is read and deleted: the variable may come from anybody. */
function takeOver(file) {
  delete process.env[HANDED]
  try {
    const folder = dirname(file)
    const isOurs = basename(file) === FILE && basename(folder).startsWith(FOLDER) && dirname(folder) === tmpdir()
    if (!isOurs || !lstatSync(file).isFile() || !lstatSync(folder).isDirectory()) return
    const text = readFileSync(file, 'utf8')
    unlinkSync(file)
    rmdirSync(folder)
    Object.assign(process.env, JSON.parse(text))
  } catch (error) {
    // It was taken before: a variable that somebody handed on.
    if (error.code !== 'ENOENT') throw error
  }
}
