/**
 * What a shell has to source. Each asks the program itself, with every word as an argument of its own: nothing is evaluated.
 * It answers with the words that may stand there, or with exit code 3 or 4 where the shell is to complete files or folders.
 */
export const completionScripts: Readonly<Record<string, string>> = {
  /** The words are taken from the line, since bash takes `a:b` and `--c=d` apart; what it cut off is cut off the answers. */
  bash: `_image_builder() {
  local line=\${COMP_LINE:0:COMP_POINT} words current cut found
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=\${words[-1]}
  COMPREPLY=()
  found=$("\${words[0]/#\\~/$HOME}" complete -- "\${words[@]:1}" 2>/dev/null)
  case $? in
    3) compopt -o default 2>/dev/null; return ;;
    4) compopt -o dirnames 2>/dev/null; return ;;
  esac
  [[ -n $found ]] && mapfile -t COMPREPLY <<<"$found"
  cut=\${current%"\${current##*[:=]}"}
  COMPREPLY=("\${COMPREPLY[@]#"$cut"}")
}
complete -F _image_builder image-builder
`,
  zsh: `#compdef image-builder
_image_builder() {
  local found
  found="$("\${(e)words[1]/#\\~/$HOME}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)"
  case $? in
    3) [[ $PREFIX == --*=* ]] && compset -P '*='; _files; return ;;
    4) [[ $PREFIX == --*=* ]] && compset -P '*='; _files -/; return ;;
  esac
  [[ -n "$found" ]] && compadd -- "\${(@f)found}"
}
compdef _image_builder image-builder
`,
  fish: `function __image_builder
  set -l words (commandline -opc)
  set -l found ($words[1] complete -- $words[2..-1] (commandline -ct) 2>/dev/null)
  set -l code $status
  set -l start (string match -r -- '^--[^=]*=' (commandline -ct))
  set -l path (string replace -r -- '^--[^=]*=' '' (commandline -ct))
  switch $code
    case 3
      string replace -r -- '^' "$start" (__fish_complete_path $path)
    case 4
      string replace -r -- '^' "$start" (__fish_complete_directories $path)
    case '*'
      set -q found[1]; and printf '%s\\n' $found
  end
end
complete -c image-builder -f -a '(__image_builder)'
`,
};
