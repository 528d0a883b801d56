import { z } from 'zod'

export const Shell = z.enum(['bash', 'zsh', 'fish'])
export type Shell = z.infer<typeof Shell>

/**
 * What a shell sources. Each asks `speki complete` with the words up to the cursor; it answers a line a candidate, its
 * description behind a tab, and `:files` where files belong there.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# speki completion for bash. Add to ~/.bashrc:  eval "$(speki completion bash)"
_speki() {
  local line current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current")
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _speki speki
`,
  zsh: `#compdef speki
# speki completion for zsh. Add to ~/.zshrc, after compinit:  eval "$(speki completion zsh)"
_speki() {
  local line
  local -a found shown
  for line in "\${(@f)$("\${words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == ':files' ]]; then
      _files
    elif [[ -n $line ]]; then
      found+=("\${line%%$'\\t'*}")
      shown+=("\${line/$'\\t'/  }")
    fi
  done
  (( $#found )) && compadd -l -d shown -a found
}
compdef _speki speki
`,
  fish: `# speki completion for fish. Add to ~/.config/fish/config.fish:  speki completion fish | source
function __speki_complete
    set -l words (commandline --cut-at-cursor --tokenize) (commandline --cut-at-cursor --current-token)
    for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path (commandline --current-token)
        else
            echo $line
        end
    end
end
complete --command speki --no-files --arguments '(__speki_complete)'
`,
}
