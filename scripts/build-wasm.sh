#!/usr/bin/env bash
# Builds pkg/wasm/: the wasm module and the JavaScript that loads it.
#
#   scripts/build-wasm.sh ci         minutes faster to build, function names kept
#   scripts/build-wasm.sh release    what is published: fat LTO, then wasm-opt
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

profile=${1:-ci}
case $profile in ci | release) ;; *) echo "scripts/build-wasm.sh: the profile is ci or release, not '$profile'." >&2; exit 1 ;; esac

target=${CARGO_TARGET_DIR:-target}
scripts/wasm-cargo.sh build --lib --profile "$profile" ${CI:+--locked}

. "$target/setup/bindgen-env.sh"
names=()
[ "$profile" = ci ] || names=(--remove-name-section --remove-producers-section)
rm -rf pkg/wasm
"$WASM_BINDGEN" "$target/wasm32-unknown-unknown/$profile/multimodal_rag.wasm" \
  --target web --no-typescript --out-dir pkg/wasm ${names[@]+"${names[@]}"}

module=pkg/wasm/multimodal_rag_bg.wasm
if [ "$profile" = release ]; then
  # The features rustc's output uses; wasm-opt refuses a module that uses one it was not told of.
  node tests/page/node_modules/binaryen/bin/wasm-opt -O3 \
    --enable-simd --enable-bulk-memory --enable-bulk-memory-opt --enable-nontrapping-float-to-int \
    --enable-sign-ext --enable-mutable-globals --enable-reference-types --enable-multivalue \
    "$module" -o "$module.optimized"
  mv "$module.optimized" "$module"
fi
printf 'wasm (%s): %s bytes, %s with gzip\n' "$profile" "$(wc -c <"$module")" "$(gzip -9 -c "$module" | wc -c)"
