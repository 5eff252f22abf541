#!/bin/sh
# Builds and runs the stand-in's own tests.
#
# usage: test.sh BUILD       (folder for what cmake writes)
set -eu
build=$1
source=$(cd "$(dirname "$0")" && pwd)

mkdir -p "$build"
cmake -S "$source" -B "$build" >"$build/cmake.log" || { cat "$build/cmake.log" >&2; exit 1; }
cmake --build "$build" --parallel "$(nproc)" --target mote_simt_test mote_simt_driver_test >"$build/test.log" 2>&1 || { cat "$build/test.log" >&2; exit 1; }
(cd "$build" && ctest --output-on-failure) >"$build/ctest.log" || { cat "$build/ctest.log" >&2; exit 1; }
