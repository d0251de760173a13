# Native Rust: the compiler, its linter, and the crates of Cargo.lock.

RUST_MINIMUM=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

setup_rust() {
  have cargo && have rustc ||
    stop "Rust is not on this machine: install it as https://rustup.rs says, open a new shell, and start again."
  local version
  version=$(rustc --version | awk '{ print $2 }')
  version_at_least "$version" "$RUST_MINIMUM" ||
    stop "Rust $version is older than the $RUST_MINIMUM this crate needs: run 'rustup update stable', then start again."
  have cc || setup_c_compiler
}

# Some crates contain C, and rustc links with cc.
setup_c_compiler() {
  on_debian && debian_install "Rust links its programs with a C compiler's driver" gcc g++ libc6-dev && return
  stop "There is no C compiler (cc): install one (Debian, Ubuntu: build-essential; Fedora: gcc-c++; macOS: xcode-select --install), then start again."
}

# version_at_least HAVE WANT, compared number by number.
version_at_least() {
  awk -v have="$1" -v want="$2" 'BEGIN {
    split(have, h, /[.-]/); split(want, w, /[.-]/)
    for (i = 1; i <= 3; i++) if (h[i] + 0 != w[i] + 0) exit !(h[i] + 0 > w[i] + 0)
  }'
}

# cargo_install ROOT CRATE ARGUMENT…: installs a program into ROOT/bin with the dependencies of its release. Where the
# registry lacks one of them (a mirror may lag, a version may be withdrawn), with others that fit.
cargo_install() {
  local command=(cargo install "${@:2}" --quiet --root "$1")
  "${command[@]}" --locked </dev/null && return
  note "not all of its locked dependencies can be had: taking the newest that fit"
  "${command[@]}" </dev/null
}

setup_lint() {
  cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 || {
    have rustup || stop "rustfmt or clippy is missing: install them with the Rust on this machine, then start again."
    say "rustfmt and clippy" "they check the code"
    rustup component add rustfmt clippy || stop "rustup could not add rustfmt and clippy: see what it says above."
  }
}

# Everything the builds need from the crate registry, so that they run without a network.
setup_crates() {
  local locked=${CI:+--locked}
  cargo fetch --quiet $locked &&
    scripts/wasm-cargo.sh fetch --quiet $locked &&
    WASM_THREADS=1 scripts/wasm-cargo.sh fetch --quiet $locked ||
    stop "The crates named in Cargo.lock could not be fetched: see what cargo says above (is there a network?)."
}
