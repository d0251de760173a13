#!/usr/bin/env bash
# Builds pkg/wasm/: the wasm modules, one for each set of instructions, and the JavaScript that loads them. Puts the
# licences beside them.
#
#   scripts/build-wasm.sh ci           minutes faster to build, function names kept
#   scripts/build-wasm.sh ci search    and target/bench/search/: the modules of the browser's benchmark of search
#   scripts/build-wasm.sh release      what is published: fat LTO, then wasm-opt
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

profile=${1:-ci}
case $profile in ci | release) ;; *) echo "scripts/build-wasm.sh: the profile is ci or release, not '$profile'." >&2; exit 1 ;; esac

with_search=${2:-}
case $with_search in '' | search) ;; *) echo "scripts/build-wasm.sh: only search can be built as well, not '$with_search'." >&2; exit 1 ;; esac

target=${CARGO_TARGET_DIR:-target}
. "$target/setup/bindgen-env.sh"
names=()
[ "$profile" = ci ] || names=(--remove-name-section --remove-producers-section)

# Builds for one thread share std and all dependencies, and so do builds for several threads. Only the kernels differ.
#
#   build NAME FEATURE…        WASM_THREADS=1: for several threads
build() {
  local name=$1 features=() module=pkg/wasm/$1/multimodal_rag_bg.wasm built=$target${WASM_THREADS:+/threads}
  shift
  [ $# = 0 ] || features=(--features "$*")
  scripts/wasm-cargo.sh build --lib --profile "$profile" ${CI:+--locked} ${features[@]+"${features[@]}"}
  "$WASM_BINDGEN" "$built/wasm32-unknown-unknown/$profile/multimodal_rag.wasm" \
    --target web --no-typescript --out-dir "pkg/wasm/$name" ${names[@]+"${names[@]}"}
  [ "$profile" = ci ] || optimize "$module"
  printf 'wasm (%s, %s): %s bytes, %s with gzip\n' \
    "$name" "$profile" "$(wc -c <"$module")" "$(gzip -9 -c "$module" | wc -c)"
}

# Comes right after the library with the same features: cargo keeps one version of it.
#
#   build_search NAME FEATURE…
build_search() {
  local name=$1 features=()
  shift
  [ $# = 0 ] || features=(--features "$*")
  scripts/wasm-cargo.sh build --example search --profile "$profile" ${CI:+--locked} ${features[@]+"${features[@]}"}
  "$WASM_BINDGEN" "$target/wasm32-unknown-unknown/$profile/examples/search.wasm" \
    --target web --no-typescript --out-dir "$target/bench/search/$name"
}

optimize() {
  # wasm-opt refuses a module that uses a feature which is not enabled here.
  node tests/page/node_modules/binaryen/bin/wasm-opt -O3 \
    --enable-simd --enable-relaxed-simd --enable-threads --enable-bulk-memory --enable-bulk-memory-opt --enable-nontrapping-float-to-int \
    --enable-sign-ext --enable-mutable-globals --enable-reference-types --enable-multivalue \
    "$1" -o "$1.optimized"
  mv "$1.optimized" "$1"
}

rm -rf pkg/wasm
build simd
[ -z "$with_search" ] || build_search simd
build relaxed-simd relaxed-simd
[ -z "$with_search" ] || build_search relaxed-simd relaxed-simd
WASM_THREADS=1 build simd-threads
WASM_THREADS=1 build relaxed-simd-threads relaxed-simd

cp LICENSE LICENSE-MIT LICENSE-APACHE pkg/
node scripts/third-party-notices.mjs
