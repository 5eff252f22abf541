#!/bin/sh
# Compares symbols.txt with what a native library of JCuda imports, and with what the stand-in exports.
#
# usage: symbols.sh JAR MEMBER PREFIX LIST LIBRARY
#   JAR      jar with natives, e.g. jcuda-natives-12.6.0-linux-x86_64.jar
#   MEMBER   start of the native library's name in it, e.g. libJCudaDriver
#   PREFIX   of the symbols, e.g. cu
#   LIST     symbols.txt
#   LIBRARY  stand-in that must export them
set -eu
jar=$1 member=$2 prefix=$3 list=$4 library=$5
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m zipfile -e "$jar" "$folder"
find "$folder/lib" -name "$member-*.so" -o -name "${member}2-*.so" | xargs nm -D --undefined-only |
  sed -n "s/^ *U \($prefix[A-Za-z0-9_]*\).*/\1/p" | LC_ALL=C sort -u >"$folder/imported"
nm -D --defined-only "$library" | sed -n "s/.* \($prefix[A-Za-z0-9_]*\)\(@.*\)\{0,1\}$/\1/p" |
  LC_ALL=C sort -u >"$folder/exported"
LC_ALL=C sort -c "$list"
diff -u "$list" "$folder/imported" || { echo "list differs from what JCuda imports: list=$list, library=$member; renew it" >&2; exit 1; }
LC_ALL=C comm -23 "$list" "$folder/exported" >"$folder/missing"
if [ -s "$folder/missing" ]; then
  echo "stand-in lacks calls: library=$library, missing=$(tr '\n' ' ' <"$folder/missing"); export them" >&2
  exit 1
fi
echo "$(wc -l <"$list") calls of $member"
