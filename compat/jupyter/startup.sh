#!/bin/sh
# startup.sh [--base-url PATH] [--ip ADDRESS] [--port N] [--token TEXT] [JUPYTER-OPTION...]
#   serves Jupyter on port 8888 of all addresses. The token is $JUPYTER_TOKEN or else a new one, printed with the address; --token '' asks for none,
#   for a platform that lets only its own users through.
# startup.sh --job [--cwd DIR] --cmdfile FILE
# startup.sh --job [--cwd DIR] --notebook FILE
# startup.sh --job [--cwd DIR] -- COMMAND [ARGUMENT...]
#   runs a batch job in DIR and ends with its exit status; /opt/sciserver/bin/run-job tells what it leaves there. A
#   notebook leaves itself with its results as NAME.executed.ipynb, too.
set -u

python=/opt/jupyter/bin/python3
job=no cwd=. notebook='' ip=0.0.0.0 port=8888 base_url=/

fail() {
  printf 'startup.sh: %s\n' "$1" >&2
  exit 2
}

absolute() {
  case $1 in /*) printf '%s\n' "$1" ;; *) printf '%s/%s\n' "$PWD" "$1" ;; esac
}

# For the server and the kernels it starts; a kernel for R would only fail where there is no R.
if command -v R >/dev/null 2>&1; then
  export JUPYTER_PATH="/opt/jupyter/share/jupyter-r${JUPYTER_PATH:+:$JUPYTER_PATH}"
fi
if [ -z "${SHELL:-}" ]; then
  SHELL=$(command -v bash || echo /bin/sh)
  export SHELL
fi

case ${1:-} in
  --help | -h) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
  --job) job=yes; shift ;;
esac

if [ "$job" = yes ]; then
  # run-job knows everything but notebooks, which become a command.
  while [ $# -gt 0 ]; do
    case $1 in
      --cwd) [ $# -gt 1 ] || fail '--cwd needs a folder'; cwd=$2; shift 2 ;;
      --notebook) [ $# -gt 1 ] || fail '--notebook needs a file'; notebook=$(absolute "$2"); shift 2 ;;
      *) break ;;
    esac
  done
  [ -n "$notebook" ] || exec /opt/sciserver/bin/run-job --cwd "$cwd" "$@"
  [ $# -eq 0 ] || fail "unknown argument beside --notebook: $1"
  [ -f "$notebook" ] || fail "cannot read the notebook $notebook"
  exec /opt/sciserver/bin/run-job --cwd "$cwd" -- "$python" -I /opt/jupyter/libexec/run_notebook.py "$notebook"
fi

while [ $# -gt 0 ]; do
  case $1 in
    --base-url) [ $# -gt 1 ] || fail '--base-url needs a path'; base_url=$2; shift 2 ;;
    --ip) [ $# -gt 1 ] || fail '--ip needs an address'; ip=$2; shift 2 ;;
    --port) [ $# -gt 1 ] || fail '--port needs a number'; port=$2; shift 2 ;;
    --token) [ $# -gt 1 ] || fail '--token needs a text'; token=$2; shift 2 ;;
    *) break ;;
  esac
done
# Through the environment, where a list of processes does not show it; an empty one is heard only on the command line.
if [ -n "${token-}" ]; then
  export JUPYTER_TOKEN="$token"
elif [ -n "${token+given}" ]; then
  set -- --NotebookApp.token= "$@"
fi
exec "$python" -I -m notebook --no-browser --ip="$ip" --port="$port" --port-retries=0 --NotebookApp.base_url="$base_url" \
  --notebook-dir="$PWD" "$@"
