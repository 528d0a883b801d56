import { homedir } from 'node:os'
import { basename, join } from 'node:path'

/** Where agents keep their login, settings and sessions, below the home, by a part of their program's name. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  claude: ['.claude', '.claude.json', '.config/claude'],
  codex: ['.codex'],
  gemini: ['.gemini'],
  qwen: ['.qwen'],
  goose: ['.config/goose', '.local/share/goose', '.local/state/goose'],
  opencode: ['.config/opencode', '.local/share/opencode', '.local/state/opencode'],
  aider: ['.aider', '.aider.conf.yml'],
  cursor: ['.cursor', '.config/cursor'],
  copilot: ['.copilot', '.config/github-copilot'],
  amp: ['.config/amp', '.local/share/amp'],
  kimi: ['.kimi'],
  crush: ['.config/crush', '.local/share/crush'],
  auggie: ['.augment'],
  droid: ['.factory'],
  vibe: ['.vibe'],
}

/** What people's own sessions run of these: kept as it is. */
const KEPT = [
  ...['.claude/settings.json', '.claude/settings.local.json', '.claude/CLAUDE.md', '.claude/hooks', '.claude/commands', '.claude/agents'],
  ...['.claude/plugins', '.claude/skills', '.codex/config.toml', '.codex/AGENTS.md', '.codex/rules', '.codex/skills', '.codex/prompts'],
  ...['.codex/hooks.json', '.gemini/settings.json', '.gemini/GEMINI.md', '.gemini/extensions', '.cursor/mcp.json'],
] // biome-ignore format: a table

/** What an agent keeps beside its work, by its name or the words of its command. `variables` may name other places. */
export function placesOfAgent(
  command: readonly string[],
  variables: Readonly<Record<string, string | undefined>>,
): { readonly writable: readonly string[]; readonly readable: readonly string[] } {
  const words = command.map((word) => basename(word))
  const below = (places: readonly string[]) => places.map((place) => join(homedir(), place))
  const named = Object.entries(PLACES).flatMap(([name, places]) =>
    words.some((word) => word.includes(name)) ? below(places) : [],
  )
  const own = ['CLAUDE_CONFIG_DIR', 'CODEX_HOME'].flatMap((name) => variables[name] ?? [])
  return { writable: [...named, ...own], readable: below(KEPT) }
}
