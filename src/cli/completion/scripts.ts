/** What a shell has to source. Each asks the program itself, with every word as an argument of its own: nothing is evaluated. */
export const completionScripts: Readonly<Record<string, string>> = {
  /** The words are taken from the line, since bash takes `a:b` and `--c=d` apart; what it cut off is cut off the answers. */
  bash: `_image_builder() {
  local line=\${COMP_LINE:0:COMP_POINT} words current cut
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=\${words[-1]}
  mapfile -t COMPREPLY < <("\${words[0]/#\\~/$HOME}" complete -- "\${words[@]:1}" 2>/dev/null)
  cut=\${current%"\${current##*[:=]}"}
  COMPREPLY=("\${COMPREPLY[@]#"$cut"}")
}
complete -o default -F _image_builder image-builder
`,
  zsh: `#compdef image-builder
_image_builder() {
  local -a found
  found=("\${(@f)$("\${(e)words[1]/#\\~/$HOME}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then compadd -- $found; else _files; fi
}
compdef _image_builder image-builder
`,
  fish: `function __image_builder
  set -l words (commandline -opc)
  set -l found ($words[1] complete -- $words[2..-1] (commandline -ct) 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c image-builder -f -a '(__image_builder)'
`,
};
