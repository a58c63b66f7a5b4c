#!/bin/sh
# startup.sh [--job] [--cwd DIR] --cmdfile FILE
# startup.sh [--job] [--cwd DIR] -- COMMAND [ARGUMENT...]
# Runs the job, as the other interfaces do with --job, and ends with its exit status; /opt/sciserver/bin/run-job tells the rest.
set -u

case ${1:-} in
  --help | -h) sed -n '2,4s/^# //p' "$0"; exit 0 ;;
  --job) shift ;;
esac
exec /opt/sciserver/bin/run-job "$@"
