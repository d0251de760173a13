# Rust for wasm32-unknown-unknown. Two ways: a toolchain that has the target and, for the builds with threads, std's
# source (rustup adds both), or Debian's rustc-web, which ships the source, not the target, so that std is always
# compiled along with the crate.
# A clang for wasm compiles SQLite.
# The outcome is $SETUP_DIR/wasm-env.sh; scripts/wasm-cargo.sh is the one that reads it.

WASM_TARGET=wasm32-unknown-unknown
DEBIAN_RUST=(rustc-web cargo-web rust-web-src rust-web-clippy)
# A download over a slow line takes minutes; a machine that can fetch nothing should not wait for more.
RUSTUP_SECONDS=300

setup_wasm() {
  setup_rust
  find_wasm_cc
  local way=${WASM_RUST:-auto}
  case $way in
    auto) wasm_from_what_is_here || wasm_from_rustup || wasm_from_debian || stop_without_wasm ;;
    rustup) wasm_from_target || wasm_from_rustup || stop "WASM_RUST=rustup, and rustup cannot add the target $WASM_TARGET." ;;
    debian) wasm_from_debian || stop "WASM_RUST=debian, and Debian's ${DEBIAN_RUST[*]} cannot be had: see $SETUP_DIR/apt-get.log." ;;
    *) stop "WASM_RUST is '$way'; it can be rustup, debian or auto." ;;
  esac
}

# Nothing is fetched on a machine where one of the two ways is complete.
wasm_from_what_is_here() {
  wasm_from_target || { have dpkg-query && debian_rust_is_there && write_debian_env; }
}

wasm_from_target() {
  local lib
  lib=$(rustc --print target-libdir --target "$WASM_TARGET" 2>/dev/null) || return 1
  ls "$lib"/libstd-*.rlib >/dev/null 2>&1 && [ -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library/std" ] &&
    write_wasm_env cargo
}

wasm_from_rustup() {
  have rustup || return 1
  say "Rust's target $WASM_TARGET and std's source (rustup)" "the engine is compiled to WebAssembly, for one thread and for several"
  local limit=()
  have timeout && limit=(timeout "$RUSTUP_SECONDS")
  local what
  for what in "target add $WASM_TARGET" "component add rust-src"; do
    # shellcheck disable=SC2086
    RUSTUP_MAX_RETRIES=0 ${limit[@]+"${limit[@]}"} rustup $what </dev/null || {
      note "rustup could not add them; looking for another way"
      return 1
    }
  done
  write_wasm_env cargo
}

wasm_from_debian() {
  on_debian || return 1
  debian_install "they compile Rust's std for WebAssembly, which rustup could not supply" "${DEBIAN_RUST[@]}" || {
    note "apt-get could not install ${DEBIAN_RUST[*]}; its words are in $SETUP_DIR/apt-get.log"
    return 1
  }
  write_debian_env
}

debian_rust_is_there() {
  local package
  for package in "${DEBIAN_RUST[@]}"; do
    debian_has "$package" || return 1
  done
}

# Debian's compiler has no linker for wasm.
write_debian_env() {
  local linker
  linker=$(wasm_linker) || {
    debian_install "Debian's Rust has no linker for WebAssembly" lld || return 1
    linker=$(wasm_linker) || return 1
  }
  write_wasm_env /usr/bin/cargo \
    "export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc" \
    "# -Zbuild-std is an unstable option, which a stable compiler takes only when told so." \
    "export RUSTC_BOOTSTRAP=1" \
    "export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$(printf %q "$linker")" \
    "WASM_CARGO_ARGS=(-Zbuild-std=std,panic_abort,test)"
}

wasm_linker() {
  local file name
  for file in "$(rustc --print sysroot 2>/dev/null)"/lib/rustlib/*/bin/rust-lld; do
    [ -x "$file" ] && echo "$file" && return
  done
  for name in wasm-ld wasm-ld-{21,20,19,18,17,16,15,14}; do
    command -v "$name" && return
  done
  return 1
}

# A C compiler for wasm: SQLite is compiled with it. Writes WASM_CC, WASM_AR and WASM_CFLAGS.
find_wasm_cc() {
  use_wasm_cc && return
  debian_install "it compiles SQLite for WebAssembly" "${WASM_CC_PACKAGES[@]}" && use_wasm_cc && return
  stop "There is no clang for WebAssembly here, which compiles SQLite: install clang 14 or newer with llvm-ar (on macOS: brew install llvm), then start again."
}

WASM_CC_PACKAGES=(clang-14 llvm-14)

use_wasm_cc() {
  local name
  for name in clang clang-{22,21,20,19,18,17,16,15,14} /opt/homebrew/opt/llvm/bin/clang /usr/local/opt/llvm/bin/clang; do
    WASM_CC=$(command -v "$name") && WASM_AR=$(wasm_ar "$WASM_CC") && compiles_for_wasm && return
  done
  return 1
}

# The llvm-ar of a clang: beside it, or by its version.
wasm_ar() {
  local name
  for name in "${1/clang/llvm-ar}" llvm-ar; do
    command -v "$name" && return
  done
  return 1
}

# SQLite's bindings use C23's attributes, which clang before 17 has behind a flag.
compiles_for_wasm() {
  local source='[[noreturn]] void stop(void);'
  for WASM_CFLAGS in '' -fdouble-square-bracket-attributes; do
    # shellcheck disable=SC2086
    "$WASM_CC" --target=wasm32-unknown-unknown $WASM_CFLAGS -w -x c -c - -o /dev/null <<<"$source" 2>/dev/null && return
  done
  return 1
}

# write_wasm_env CARGO LINE…
write_wasm_env() {
  local file=$SETUP_DIR/wasm-env.sh cargo=$1
  shift
  {
    echo "# Written by scripts/setup/wasm.sh: how this machine compiles for $WASM_TARGET."
    echo "WASM_CARGO=$cargo"
    echo "WASM_CARGO_ARGS=()"
    # The same flags for every wasm build, or cargo compiles std and all crates again.
    echo "export RUSTFLAGS='-C target-feature=+simd128 --cfg getrandom_backend=\"wasm_js\"'"
    echo "export CC_wasm32_unknown_unknown=$(printf %q "$WASM_CC") AR_wasm32_unknown_unknown=$(printf %q "$WASM_AR")"
    echo "export CFLAGS_wasm32_unknown_unknown=$(printf %q "$WASM_CFLAGS")"
    [ $# -eq 0 ] || printf '%s\n' "$@"
  } >"$file.new"
  mv "$file.new" "$file"
}

stop_without_wasm() {
  stop "Rust on this machine cannot compile for $WASM_TARGET, and neither rustup nor Debian's packages could be had: with a network, run 'rustup target add $WASM_TARGET' and 'rustup component add rust-src' (https://rustup.rs), then start again."
}
