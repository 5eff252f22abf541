#!/bin/sh
# Builds the stand-in for the CUDA driver and the kernels compiled for the CPU.
#
# usage: build.sh BUILD OUT [checked]
#   BUILD  folder for what cmake writes
#   OUT    folder that gets libcuda.so.1, libcublas.so.12, libmote_kernels_simt.so and libmote_cublas_forward.so
#          (native/cublas) or, where a tool is missing, a file `missing` that names it
#   checked  also libmote_kernels_simt_checked.so, which MOTE_SIMT_CHECK=1 takes
set -eu
build=$1 out=$2
source=$(cd "$(dirname "$0")" && pwd)
libraries="libcuda.so.1 libcublas.so.12 libmote_kernels_simt.so libmote_cublas_forward.so"
targets="cuda cublas12 mote_kernels_simt mote_cublas_forward"
if [ "${3:-}" = checked ]; then
  libraries="$libraries libmote_kernels_simt_checked.so"
  targets="$targets mote_kernels_simt_checked"
fi
mkdir -p "$build" "$out"

missing=
for tool in "${CXX:-g++}" cmake make; do
  if ! command -v "$tool" >/dev/null 2>&1; then
    missing="$missing${missing:+ }$tool"
  fi
done
if [ -n "$missing" ]; then
  for library in $libraries; do
    rm -f "$out/$library"
  done
  echo "$missing" >"$out/missing"
  echo "CUDA stand-in is not built: missing=$missing; apt-get install g++ cmake, then build again" >&2
  exit 0
fi

rm -f "$out/missing"
cmake -S "$source" -B "$build" >"$build/cmake.log" || { cat "$build/cmake.log" >&2; exit 1; }
cmake --build "$build" --parallel "$(nproc)" --target $targets >"$build/build.log" 2>&1 || { cat "$build/build.log" >&2; exit 1; }
for library in $libraries; do
  built=$build/$library
  if [ "$library" = libmote_cublas_forward.so ]; then
    built=$build/cublas_forward/forward/libcublas.so.12
  fi
  cmp -s "$built" "$out/$library" || cp -L "$built" "$out/$library"
done
