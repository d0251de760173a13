#!/usr/bin/env bash
# Packs the embedder into the one 8-bit file that the page loads, unless that file is newer than its sources.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source=models/all-MiniLM-L6-v2
packed=models/all-MiniLM-L6-v2.q8.safetensors
program=${CARGO_TARGET_DIR:-target}/ci/multimodal-rag

for file in "$program" "$source"/*; do
  [ "$packed" -nt "$file" ] || stale=yes
done
[ -n "${stale:-}" ] || exit 0
"$program" quantize "$source" "$packed.new"
mv "$packed.new" "$packed"
