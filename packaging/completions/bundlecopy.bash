# bash completion for bundlecopy. Written by scripts/write-cli-documents. Do not edit.
_bundlecopy() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    case $word in
      copy | init | core | capture | list | show | verify | extract | cat | serve)
        command=$word
        break
        ;;
    esac
  done
  if [[ $prev == '=' ]] && ((COMP_CWORD >= 2)); then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $cur == '=' ]]; then
    cur=''
  fi
  case $command,$prev in
    ,--manifest)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    ,--destination)
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return
      ;;
    ,--bundle)
      :
      return
      ;;
    ,--config)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    ,--compression)
      mapfile -t COMPREPLY < <(compgen -W 'none lz4 auto' -- "$cur")
      return
      ;;
    ,--budget)
      :
      return
      ;;
    ,--max-rate)
      :
      return
      ;;
    ,--profile)
      mapfile -t COMPREPLY < <(compgen -W 'gentle balanced full' -- "$cur")
      return
      ;;
    ,--deadline)
      :
      return
      ;;
    ,--set)
      :
      return
      ;;
    ,--progress)
      mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur")
      return
      ;;
    ,--log-level)
      mapfile -t COMPREPLY < <(compgen -W 'off error warning info debug' -- "$cur")
      return
      ;;
    copy,--to)
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return
      ;;
    copy,--name | copy,--bundle)
      :
      return
      ;;
    copy,--exclude)
      :
      return
      ;;
    copy,--config)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    copy,--compression)
      mapfile -t COMPREPLY < <(compgen -W 'none lz4 auto' -- "$cur")
      return
      ;;
    copy,--budget)
      :
      return
      ;;
    copy,--max-rate)
      :
      return
      ;;
    copy,--profile)
      mapfile -t COMPREPLY < <(compgen -W 'gentle balanced full' -- "$cur")
      return
      ;;
    copy,--deadline)
      :
      return
      ;;
    copy,--set)
      :
      return
      ;;
    copy,--progress)
      mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur")
      return
      ;;
    copy,--log-level)
      mapfile -t COMPREPLY < <(compgen -W 'off error warning info debug' -- "$cur")
      return
      ;;
    init,-o | init,--output)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    init,--to)
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return
      ;;
    init,--name | init,--bundle)
      :
      return
      ;;
    init,--exclude)
      :
      return
      ;;
    core,--to)
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return
      ;;
    core,--config)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    capture,--pid)
      :
      return
      ;;
    capture,--to)
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return
      ;;
    capture,--name | capture,--bundle)
      :
      return
      ;;
    capture,--config)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    capture,--compression)
      mapfile -t COMPREPLY < <(compgen -W 'none lz4 auto' -- "$cur")
      return
      ;;
    capture,--budget)
      :
      return
      ;;
    capture,--max-rate)
      :
      return
      ;;
    capture,--profile)
      mapfile -t COMPREPLY < <(compgen -W 'gentle balanced full' -- "$cur")
      return
      ;;
    capture,--deadline)
      :
      return
      ;;
    capture,--set)
      :
      return
      ;;
    capture,--progress)
      mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur")
      return
      ;;
    capture,--log-level)
      mapfile -t COMPREPLY < <(compgen -W 'off error warning info debug' -- "$cur")
      return
      ;;
    show,--html)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    verify,--progress)
      mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur")
      return
      ;;
    extract,--to)
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      return
      ;;
    extract,--progress)
      mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur")
      return
      ;;
    cat,--offset)
      :
      return
      ;;
    cat,--length)
      :
      return
      ;;
    serve,--config)
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
  esac
  if [[ $cur == -* ]]; then
    case $command in
      '') mapfile -t COMPREPLY < <(compgen -W '--manifest --destination --bundle --config --compression --budget --max-rate --profile --deadline --set --canary -n --dry-run --fresh --replace --progress --json -q --quiet -v --verbose --log-level --version -h --help' -- "$cur") ;;
      copy) mapfile -t COMPREPLY < <(compgen -W '--to --name --bundle --exclude --config --compression --budget --max-rate --profile --deadline --set --canary -n --dry-run --fresh --replace --progress --json -q --quiet -v --verbose --log-level -h --help' -- "$cur") ;;
      init) mapfile -t COMPREPLY < <(compgen -W '-o --output --force --to --name --bundle --exclude -q --quiet -h --help' -- "$cur") ;;
      core) mapfile -t COMPREPLY < <(compgen -W '--to --config -h --help' -- "$cur") ;;
      capture) mapfile -t COMPREPLY < <(compgen -W '--pid --to --name --bundle --config --compression --budget --max-rate --profile --deadline --set --canary -n --dry-run --fresh --replace --progress --json -q --quiet -v --verbose --log-level -h --help' -- "$cur") ;;
      list) mapfile -t COMPREPLY < <(compgen -W '--json -h --help' -- "$cur") ;;
      show) mapfile -t COMPREPLY < <(compgen -W '--html --force -h --help' -- "$cur") ;;
      verify) mapfile -t COMPREPLY < <(compgen -W '--complete --progress --json -q --quiet -h --help' -- "$cur") ;;
      extract) mapfile -t COMPREPLY < <(compgen -W '--to --skip-existing --keep-damaged --preserve --progress --json -q --quiet -h --help' -- "$cur") ;;
      cat) mapfile -t COMPREPLY < <(compgen -W '--offset --length -h --help' -- "$cur") ;;
      serve) mapfile -t COMPREPLY < <(compgen -W '--config --status --install --uninstall --json --quiet -h --help' -- "$cur") ;;
    esac
  elif [[ -z $command ]]; then
    mapfile -t COMPREPLY < <(compgen -W 'copy init core capture list show verify extract cat serve' -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  fi
}
complete -o filenames -F _bundlecopy bundlecopy
