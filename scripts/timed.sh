#!/usr/bin/env bash
# Runs one part of the tests under a heading, and prints its outcome and its time.
#
#   scripts/timed.sh NAME COMMAND…
set -uo pipefail
name=$1
shift
printf '\n== %s\n' "$name"
start=$SECONDS
"$@"
status=$?
[ $status = 0 ] && outcome=ok || outcome=FAILED
printf '== %s: %s, %d s\n' "$name" "$outcome" $((SECONDS - start))
exit $status
