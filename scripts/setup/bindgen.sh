# wasm-bindgen's command line and test runner, of the version that Cargo.lock pins: they work with no other.

setup_bindgen() {
  local version
  version=$(awk '$0 == "name = \"wasm-bindgen\"" { getline; gsub(/version = |"/, ""); print }' Cargo.lock)
  [ -n "$version" ] || stop "Cargo.lock names no wasm-bindgen: run 'cargo generate-lockfile', then start again."
  local shared=${CARGO_HOME:-$HOME/.cargo}
  # Another project's version stays; ours is then installed beside the build.
  local own=$SETUP_DIR/wasm-bindgen-$version
  local place
  for place in "$shared" "$own"; do
    bindgen_is "$place/bin" "$version" && write_bindgen_env "$place/bin" && return
  done
  place=$shared
  [ ! -e "$shared/bin/wasm-bindgen" ] || place=$own
  say "wasm-bindgen-cli $version (cargo install, a few minutes)" "it makes the JavaScript around the wasm module and runs its tests"
  cargo_install "$place" wasm-bindgen-cli --version "=$version" ||
    stop "cargo could not install wasm-bindgen-cli $version: see what it says above."
  write_bindgen_env "$place/bin"
}

bindgen_is() {
  [ -x "$1/wasm-bindgen-test-runner" ] && [ "$("$1/wasm-bindgen" --version 2>/dev/null)" = "wasm-bindgen $2" ]
}

write_bindgen_env() {
  local bin
  bin=$(cd "$1" && pwd)
  {
    echo "# Written by scripts/setup/bindgen.sh."
    echo "WASM_BINDGEN=$(printf %q "$bin/wasm-bindgen")"
    echo "export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$(printf %q "$bin/wasm-bindgen-test-runner")"
  } >"$SETUP_DIR/bindgen-env.sh"
}
