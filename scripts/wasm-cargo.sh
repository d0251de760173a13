#!/usr/bin/env bash
# cargo for wasm32-unknown-unknown, the way scripts/setup.sh found for this machine.
#
#   scripts/wasm-cargo.sh build|test|clippy|fetch ARGUMENT…
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

setup=${CARGO_TARGET_DIR:-target}/setup
[ -r "$setup/wasm-env.sh" ] || {
  echo "Rust for wasm32 is not set up yet: run scripts/setup.sh wasm first." >&2
  exit 1
}
. "$setup/wasm-env.sh"
for file in "$setup/bindgen-env.sh" "$setup/browser-env.sh"; do
  [ ! -r "$file" ] || . "$file"
done

verb=$1
shift
features=(--no-default-features)
[ "$verb" != fetch ] || features=()
export CARGO=$WASM_CARGO
# Debian's cargo would take rustup's cargo-clippy for its own, were it found by name.
if [ "$verb" = clippy ] && [ "$WASM_CARGO" = /usr/bin/cargo ]; then
  WASM_CARGO=/usr/bin/cargo-clippy
fi
exec "$WASM_CARGO" "$verb" --target wasm32-unknown-unknown \
  ${features[@]+"${features[@]}"} ${WASM_CARGO_ARGS[@]+"${WASM_CARGO_ARGS[@]}"} "$@"
