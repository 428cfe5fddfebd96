/**
 * Scripts that make a shell ask podgrace what can stand at the end of a command line.
 *
 * They hand the words over as they are typed, each as one argument, and evaluate none of them: what is typed before TAB may
 * be `$(rm -r .)` or `> file`, and pressing a key must not run it. So no script uses `eval`, nor anything like it.
 */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The text to source in a shell. */
export function scriptFor(shell: Shell): string {
  return SCRIPTS[shell];
}

/** Not `compgen -W`, which expands its words. Where there are no candidates, `-o default` completes files. */
const BASH = `# bash completion for podgrace
__podgrace_complete() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ "$line" != ":files" ]]; then COMPREPLY+=("\${line%%$'\\t'*}"); fi
  done < <(command podgrace complete -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "$2" 2>/dev/null </dev/null)
}
complete -o default -F __podgrace_complete podgrace
`;

const ZSH = `#compdef podgrace
# zsh completion for podgrace
__podgrace_complete() {
  local line value files=0
  local -a values
  for line in "\${(@f)$(command podgrace complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null </dev/null)}"; do
    value="\${line%%$'\\t'*}"
    if [[ "$line" == ":files" ]]; then
      files=1
    elif [[ "$line" == *$'\\t'* ]]; then
      values+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
    elif [[ -n "$line" ]]; then
      values+=("\${value//:/\\\\:}")
    fi
  done
  if (( \${#values} )); then _describe -t podgrace podgrace values; fi
  if (( files )); then _files; fi
}
compdef __podgrace_complete podgrace
`;

const FISH = `# fish completion for podgrace
function __podgrace_complete
    set -l words (commandline -opc)
    for line in (command podgrace complete -- $words[2..] (commandline -ct) 2>/dev/null </dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct)
        else
            printf '%s\\n' $line
        end
    end
end
complete -c podgrace -f -a '(__podgrace_complete)'
`;

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
