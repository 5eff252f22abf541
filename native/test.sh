#!/bin/sh
# Builds and runs the native tests, plain and under the address and undefined behaviour sanitizers.
#
# usage: test.sh DNNL BUILD       (as build.sh; the sanitized build is in BUILD-sanitized)
set -eu
dnnl=$1 build=$2
source=$(cd "$(dirname "$0")" && pwd)

for tool in "${CXX:-g++}" cmake make; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "native tests are skipped: missing=$tool; apt-get install g++ cmake"
    exit 0
  fi
done

run() {
  folder=$1
  shift
  mkdir -p "$folder"
  cmake -S "$source" -B "$folder" -DDNNL="$dnnl" "$@" >"$folder/cmake.log" || { cat "$folder/cmake.log" >&2; exit 1; }
  cmake --build "$folder" --parallel "$(nproc)" --target mote_cpu_test >"$folder/test.log" 2>&1 || { cat "$folder/test.log" >&2; exit 1; }
  (cd "$folder" && ctest --output-on-failure) >"$folder/ctest.log" || { cat "$folder/ctest.log" >&2; exit 1; }
}

run "$build"
run "$build-sanitized" -DMOTE_SANITIZE=ON
