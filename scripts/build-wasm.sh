#!/usr/bin/env bash
# Builds pkg/wasm/: the engine's wasm modules, one for each set of instructions, the reader modules, and the JavaScript
# that loads them. Puts the licences beside them.
#
#   scripts/build-wasm.sh ci           minutes faster to build, function names kept
#   scripts/build-wasm.sh ci search    and target/bench/search/: the modules of the browser's benchmark of search
#   scripts/build-wasm.sh ci search MODULE    only this one; missing: those that are not there
#   scripts/build-wasm.sh release      what is published: fat LTO, then wasm-opt
#
# On CI the profile ci has one module for all readers.
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
  local name=$1 features=() module=pkg/wasm/$1/multimodal_rag_bg.wasm
  shift
  [ $# = 0 ] || features=(--features "$*")
  scripts/wasm-cargo.sh build --lib --profile "$profile" ${CI:+--locked} ${features[@]+"${features[@]}"}
  "$WASM_BINDGEN" "$target/wasm32-unknown-unknown/$profile/multimodal_rag.wasm" \
    --target web --no-typescript --out-dir "pkg/wasm/$name" ${names[@]+"${names[@]}"}
  [ "$profile" = ci ] || optimize "$module" -O3
  node scripts/stamp-version.mjs "$module"
  print_size "$name" "$profile" "$module"
}

# A module that only reads files. In the published package it is built for size, unless it runs networks: it is fetched
# when a file first needs it. Its memory is bounded, so that a file that wants more of it fails alone;
# pkg/module-link.js knows the bound.
#
#   build_reader NAME FEATURES
build_reader() {
  local name=$1 features=$2 module=pkg/wasm/readers/$1/multimodal_rag_bg.wasm reader_profile=$profile level=-Oz
  case $profile,$name in ci,*) ;; *,image*) level=-O3 ;; *) reader_profile=reader ;; esac
  WASM_FEATURES=$features scripts/wasm-cargo.sh rustc --lib --crate-type cdylib --profile "$reader_profile" ${CI:+--locked} \
    -- -C link-arg=--max-memory=1073741824 -D warnings
  "$WASM_BINDGEN" "$target/wasm32-unknown-unknown/$reader_profile/multimodal_rag.wasm" \
    --target web --no-typescript --out-dir "pkg/wasm/readers/$name" ${names[@]+"${names[@]}"}
  [ "$profile" = ci ] || optimize "$module" "$level"
  node scripts/stamp-version.mjs "$module"
  print_size "readers/$name" "$reader_profile" "$module"
}

#   print_size NAME PROFILE MODULE
print_size() {
  printf 'wasm (%s, %s): %s bytes, %s with gzip, %s with brotli\n' \
    "$1" "$2" "$(wc -c <"$3")" "$(gzip -9 -c "$3" | wc -c)" "$(brotli_bytes "$3")"
}

# One module for all readers takes half the time of six, so that CI has it under each name.
build_readers() {
  local name
  if shares_modules; then
    build_reader text read-text,read-office,read-pdf,read-sql,read-image,relaxed-simd
    for name in office pdf sql image image-relaxed; do
      rm -rf "pkg/wasm/readers/$name"
      cp -r pkg/wasm/readers/text "pkg/wasm/readers/$name"
    done
    return
  fi
  for name in text office pdf sql image; do build_reader "$name" "read-$name"; done
  build_reader image-relaxed read-image,relaxed-simd
}

brotli_bytes() {
  # The highest quality takes a minute for the engine's module.
  node -e 'const z = require("node:zlib"); const quality = +process.argv[2];
    const options = { params: { [z.constants.BROTLI_PARAM_QUALITY]: quality, [z.constants.BROTLI_PARAM_LGWIN]: 24 } };
    console.log(z.brotliCompressSync(require("node:fs").readFileSync(process.argv[1]), options).length)' \
    "$1" "$([ "$profile" = ci ] && echo 5 || echo 11)"
}

# Comes right after the library with the same features: cargo keeps one version of a library that is a cdylib.
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

#   optimize MODULE LEVEL
optimize() {
  # wasm-opt refuses a module that uses a feature which is not enabled here.
  node tests/page/node_modules/binaryen/bin/wasm-opt "$2" \
    --enable-simd --enable-relaxed-simd --enable-threads --enable-bulk-memory --enable-bulk-memory-opt --enable-nontrapping-float-to-int \
    --enable-sign-ext --enable-mutable-globals --enable-reference-types --enable-multivalue \
    "$1" -o "$1.optimized"
  mv "$1.optimized" "$1"
}

# On CI one example stands for both builds: its code is not the package's.
search_too() {
  local other=$target/bench/search/relaxed-simd
  [ -n "$with_search" ] || return 0
  if shares_modules && [ "$1" = simd ] && [ -e "$other" ]; then
    rm -rf "$target/bench/search/simd"
    cp -r "$other" "$target/bench/search/simd"
    return
  fi
  build_search "$@"
}

# Whether this is CI, which takes one module for several where that shows little less.
shares_modules() {
  [ -n "${CI:-}" ] && [ "$profile" = ci ]
}

make_module() {
  case $1 in
    readers) build_readers ;;
    simd) build simd; search_too simd ;;
    relaxed-simd) build relaxed-simd relaxed-simd; search_too relaxed-simd relaxed-simd ;;
    simd-threads) WASM_THREADS=1 build simd-threads ;;
    relaxed-simd-threads) WASM_THREADS=1 build relaxed-simd-threads relaxed-simd ;;
    *) echo "scripts/build-wasm.sh: there is no module '$1': $all." >&2; exit 1 ;;
  esac
}

all='readers relaxed-simd simd relaxed-simd-threads simd-threads'
case ${3:-} in
  '') rm -rf pkg/wasm; chosen=$all ;;
  missing)
    chosen=
    for module in $all; do
      [ -e "pkg/wasm/${module/%readers/readers/text}/multimodal_rag_bg.wasm" ] || chosen+=" $module"
    done
    ;;
  *) chosen=$3 ;;
esac
for module in $chosen; do make_module "$module"; done

cp LICENSE LICENSE-MIT LICENSE-APACHE pkg/
node scripts/third-party-notices.mjs
