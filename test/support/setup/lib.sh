# shellcheck shell=bash
# What the scripts of the test world share. Sourced by bash with `set -euo pipefail`.
# CACHE holds what is slow to make and survives; STATE (inside it) belongs to the world that is up now.

CACHE=${IMAGE_BUILDER_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/image-builder-tests}
STATE=$CACHE/world
WORLD=$STATE/world.json

# A command that fails without a word of its own is named, so that nobody has to guess why a world did not start.
set -E
trap '[ -f "$STATE/failure" ] || say "${BASH_SOURCE[0]##*/}, line $LINENO: failed: $BASH_COMMAND"' ERR

say() { printf '%s\n' "test world: $*" >&2; }

# die WHAT [HELP]: what is wrong, and what to do about it with the literal command.
die() {
  trap - ERR
  say "$1"
  [ $# -lt 2 ] || say "help: $2"
  exit 1
}

# last_words FILE [NAME]: the end of a log, told apart from our own words.
last_words() {
  say "the last lines of ${2:-$1}:"
  if [ -s "$1" ]; then tail -n 12 "$1" | sed 's/^/  | /' >&2; else echo '  | (it says nothing)' >&2; fi
}

# retry TIMES COMMAND…: with a second in between.
retry() {
  local left=$1
  shift
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 1
  done
}

# wait_for SECONDS COMMAND…: asks five times a second.
wait_for() {
  local tries=$(($1 * 5))
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.2
  done
}

# wait_while PID SECONDS COMMAND…: the same, and gives up at once when the process has ended.
wait_while() {
  local pid=$1 tries=$(($2 * 5))
  shift 2
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] && ! not_running "$pid" || return 1
    sleep 0.2
  done
}

# A process id alone may have been given to someone else since; the command line must name our folder, too.
is_ours() { # PID FOLDER
  [ -n "$1" ] && [ -r "/proc/$1/cmdline" ] && tr '\0' ' ' <"/proc/$1/cmdline" | grep -F -- "$2" >/dev/null
}

# stop_pidfile FILE FOLDER: ends the process whose id FILE holds, if its command line names FOLDER, and waits for its end.
stop_pidfile() {
  local pid
  pid=$(cat "$1" 2>/dev/null || true)
  if is_ours "$pid" "$2"; then
    kill "$pid" 2>/dev/null || true
    wait_for 20 not_running "$pid" || kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$1"
}

not_running() { ! kill -0 "$1" 2>/dev/null; }

# The address of Debian's own archive that this machine uses.
debian_mirror() { apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sed -n 1p; }

# Debian machines name the security archive apart; empty where the machine uses none.
debian_security_mirror() {
  apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian-Security' | sed -n 1p
}
