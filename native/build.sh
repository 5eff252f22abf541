#!/bin/sh
# Builds the native CPU engine for the Maven module java/cpu.
#
# usage: build.sh DNNL BUILD OUT
#   DNNL   folder of the unpacked dnnl jar with libdnnl.so.3, libgomp.so.1 and include/
#   BUILD  folder for what cmake writes
#   OUT    folder that gets libmote_cpu.so and mote-awake or, where a tool is missing, a file `missing` that names it:
#          the Java build goes on, and the engine says what it lacks
set -eu
dnnl=$1 build=$2 out=$3
source=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$build" "$out"

missing=
for tool in "${CXX:-g++}" cmake make; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    missing="$missing${missing:+ }$tool"
  fi
done
if [ -n "$missing" ]; then
  rm -f "$out/libmote_cpu.so" "$out/mote-awake"
  echo "$missing" >"$out/missing"
  echo "CPU engine is not built: missing=$missing; apt-get install g++ cmake, then build again" >&2
  exit 0
fi

rm -f "$out/missing"
cmake -S "$source" -B "$build" -DDNNL="$dnnl" >"$build/cmake.log" || { cat "$build/cmake.log" >&2; exit 1; }
cmake --build "$build" --parallel "$(nproc)" >"$build/build.log" 2>&1 || { cat "$build/build.log" >&2; exit 1; }
# Untouched where nothing changed, so that the launcher does not see a newer file.
for file in libmote_cpu.so mote-awake; do
  cmp -s "$build/$file" "$out/$file" || cp "$build/$file" "$out/$file"
done
