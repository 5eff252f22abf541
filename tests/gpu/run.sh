#!/usr/bin/env bash
# Checks and measures Mote's CUDA engine on this machine's GPU; nothing but its driver is needed.
#
#   ./run.sh [PART...] [--out=DIR] [--repository=DIR] [--resume=FILE] [--budget=PART=SECONDS]... [OPTION=VALUE]...
#
# Parts, all of them where none is named, in this order: contract golden ceilings latency kernels peer sanitizer.
# --out         folder for results.json, table.md and the logs; default: results
# --repository  folder with tests/golden and weights, for a bundle made --without-packs; default: the bundle itself
# --resume      results.json of an earlier run on the same device, which this one adds to
# --budget      seconds for a part, as --budget=latency=300
# The other options, as --points=8,256, say what is run: see README.md.
# Exit code: 0 all is right (whatever the targets say), 1 a check failed, 2 wrong usage, 3 no CUDA driver or device,
# 143 stopped by SIGTERM: results and table hold what was found until then.
set -u

parts=() options=() out=results resume= child= stopped=
contract=150 golden=150 ceilings=30 latency=360 kernels=90 peer=240 sanitizer=480
here=$(cd "$(dirname "$0")" && pwd -P)
repository=$here

say() { printf 'mote: %s\n' "$*" >&2; }

usage() {
  say "$1"
  sed -n 's/^#   \(\.\/run\.sh.*\)/Usage: \1/p' "$0" >&2
  exit 2
}

budget() {
  case $1 in
    contract=* | golden=* | ceilings=* | latency=* | kernels=* | peer=* | sanitizer=*) ;;
    *) usage "budget names no part: budget=$1; give PART=SECONDS" ;;
  esac
  case ${1#*=} in
    '' | *[!0-9]*) usage "budget is no number: budget=$1; give whole seconds" ;;
  esac
  printf -v "${1%%=*}" '%s' "${1#*=}"
}

for word in "$@"; do
  case $word in
    --help | -h)
      sed -n '2,/^set -u/{/^#/s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    --out=*) out=${word#*=} ;;
    --repository=*) repository=${word#*=} ;;
    --resume=*) resume=${word#*=} ;;
    --budget=*) budget "${word#*=}" ;;
    --*=*) options+=("$word") ;;
    contract | golden | ceilings | latency | kernels | peer | sanitizer) parts+=("$word") ;;
    *) usage "argument is unknown: argument=$word; see --help" ;;
  esac
done
[ ${#parts[@]} -gt 0 ] || parts=(contract golden ceilings latency kernels peer sanitizer)
if [ ! -d "$repository/tests/golden" ] || [ ! -d "$repository/weights" ]; then
  usage "packs and weights are not there: repository=$repository; give --repository=DIR with tests/golden and weights"
fi
mkdir -p "$out" || exit 2
if [ -n "$resume" ]; then
  cp "$resume" "$out/results.json" || usage "earlier results cannot be read: resume=$resume; give a results.json"
fi

# One part in a process of its own, in the background so that a signal reaches this script at once.
run() {
  local part=$1 seconds=$2
  shift 2
  # The flags are words of their own.
  # shellcheck disable=SC2046
  timeout --signal=TERM --kill-after=5 "$((seconds + 30))" \
    "$here/runtime/bin/java" $(cat "$here/lib/flags") "-Dmote.bundle=$here" "-Dmote.flags=$(cat "$here/lib/flags")" \
    -cp "$here/lib/*" mote.gpu.Main "$part" "--out=$out" "--repository=$repository" "--seconds=$seconds" "$@" &
  child=$!
  wait "$child"
  local code=$?
  # A signal ends the first wait, not the part.
  wait "$child" 2>/dev/null
  child=
  return "$code"
}

stop() {
  stopped=yes
  [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
}
trap stop TERM INT

worst=0
run device 60 ${options[@]+"${options[@]}"} || worst=$?
if [ "$worst" -eq 0 ]; then
  for part in "${parts[@]}"; do
    [ -z "$stopped" ] || break
    say "$part: at most ${!part} s"
    run "$part" "${!part}" ${options[@]+"${options[@]}"}
    code=$?
    if [ -z "$stopped" ] && [ "$code" -ne 0 ]; then
      [ "$code" -eq 2 ] && exit 2
      [ "$code" -eq 124 ] && say "$part is cut off: seconds=${!part}; give --budget=$part=SECONDS"
      worst=1
    fi
  done
  run report 60 || [ -n "$stopped" ] || worst=1
fi
[ -z "$stopped" ] || exit 143
exit "$worst"
