#!/bin/sh
# Builds and runs the stand-in's own tests.
#
# usage: test.sh BUILD [LIBRARIES]
#   BUILD      folder for what cmake writes
#   LIBRARIES  folder with jcuda-natives-*.jar and jcublas-natives-*.jar: their imports are compared too
set -eu
build=$1
source=$(cd "$(dirname "$0")" && pwd)

mkdir -p "$build"
cmake -S "$source" -B "$build" >"$build/cmake.log" || { cat "$build/cmake.log" >&2; exit 1; }
cmake --build "$build" --parallel "$(nproc)" --target mote_simt_test mote_simt_driver_test mote_simt_check_test >"$build/test.log" 2>&1 || { cat "$build/test.log" >&2; exit 1; }
(cd "$build" && ctest --output-on-failure) >"$build/ctest.log" || { cat "$build/ctest.log" >&2; exit 1; }
if [ $# -gt 1 ]; then
  "$source/tests/symbols.sh" "$2"/jcuda-natives-*.jar libJCudaDriver cu "$source/driver/symbols.txt" "$build/libcuda.so.1"
  "$source/tests/symbols.sh" "$2"/jcublas-natives-*.jar libJCublas cublas "$source/../cublas/symbols.txt" "$build/libcublas.so.12"
fi
