#!/usr/bin/env bash
# cargo for wasm32-unknown-unknown, the way scripts/setup.sh found for this machine.
#
#   scripts/wasm-cargo.sh build|test|clippy|fetch ARGUMENT…
#
# WASM_THREADS=1: for several threads over one memory. WASM_FEATURES=read-pdf: with these features instead of the
# engine's. WASM_BROWSER=firefox: tests run in Firefox.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

setup=${CARGO_TARGET_DIR:-target}/setup
[ -r "$setup/wasm-env.sh" ] || {
  echo "Rust for wasm32 is not set up yet: run scripts/setup.sh wasm first." >&2
  exit 1
}
. "$setup/wasm-env.sh"

# Keeps instructions in the order of the source. LLVM's own order needs more registers than there are: browsers then
# spill parts of a tile to memory, and the encoder was up to a fifth slower.
export RUSTFLAGS="${RUSTFLAGS:-} -C llvm-args=-pre-RA-sched=source"

# The precompiled std is for one thread. It is compiled again with atomic instructions.
use_threads() {
  local flags=(-C target-feature=+atomics,+bulk-memory,+mutable-globals) argument
  for argument in --shared-memory --import-memory --max-memory=4294967296 \
    --export=__wasm_init_tls --export=__tls_size --export=__tls_align --export=__tls_base --export=__heap_base; do
    flags+=(-C "link-arg=$argument")
  done
  export RUSTFLAGS="$RUSTFLAGS ${flags[*]}"
  export RUSTC_BOOTSTRAP=1
  WASM_CARGO_ARGS=(-Zbuild-std=std,panic_abort,test)
}

# The test runner prefers Firefox's driver wherever one is named.
unset GECKODRIVER
for file in "$setup/bindgen-env.sh" "$setup/${WASM_BROWSER:-browser}-env.sh"; do
  [ ! -r "$file" ] || . "$file"
done

[ "${WASM_THREADS:-}" != 1 ] || use_threads

verb=$1
shift
# The same features for everything that is built of one variant, so that cargo compiles the library once for the
# package, the tests and the benchmark of search. `internals` only makes more names public in Rust: the module exports
# the same functions with it.
features=(--no-default-features --features "${WASM_FEATURES:-engine,aligned-alloc,internals}")
[ "$verb" != fetch ] || features=()
export CARGO=$WASM_CARGO
# Clippy runs as a compiler, not as `cargo clippy`: it uses the dependencies that the tests need anyway, where a check
# would compile std and all of them once more. The crate itself is not optimized, because nothing of it runs.
if [ "$verb" = clippy ]; then
  verb=build
  set -- --config 'profile.ci.package.multimodal-rag.opt-level=0' "$@"
  driver=clippy-driver
  # Debian's cargo goes with Debian's clippy, whatever rustup has put on PATH.
  [ "$WASM_CARGO" != /usr/bin/cargo ] || driver=/usr/bin/clippy-driver
  export RUSTC_WORKSPACE_WRAPPER=$driver CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings
fi
exec "$WASM_CARGO" "$verb" --target wasm32-unknown-unknown \
  ${features[@]+"${features[@]}"} ${WASM_CARGO_ARGS[@]+"${WASM_CARGO_ARGS[@]}"} "$@"
