/** Scripts that make a shell ask the program itself what fits, so that they never need an update. */
export const scripts = {
  bash: `# holdfast completion bash > /etc/bash_completion.d/holdfast
#   or in ~/.bashrc:  source <(holdfast completion bash)
_holdfast() {
  local IFS=$'\\n'
  COMPREPLY=($(holdfast __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -F _holdfast holdfast
`,
  zsh: `#compdef holdfast
# holdfast completion zsh > "\${fpath[1]}/_holdfast"
#   or in ~/.zshrc, after compinit:  source <(holdfast completion zsh)
_holdfast() {
  local -a found
  local line
  for line in "\${(@f)$(holdfast __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#found} )); then _describe holdfast found; else _files; fi
}
if [[ \${funcstack[1]} == _holdfast ]]; then _holdfast "$@"; else compdef _holdfast holdfast; fi
`,
  fish: `# holdfast completion fish > ~/.config/fish/completions/holdfast.fish
complete -c holdfast -f -a '(holdfast __complete -- (commandline -opc)[2..] "$(commandline -ct)" 2>/dev/null)'
`,
} as const;

export type Shell = keyof typeof scripts;
