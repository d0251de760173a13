#!/usr/bin/env bash
# Installs what this machine lacks, and nothing else. A second run installs nothing.
#
#   scripts/setup.sh PART…    PART is rust, wasm, bindgen, node, npm, adapters, matrix, site, vendor, peers, browser, firefox, lint or crates
#
# It writes what it finds (which cargo builds wasm, where the browser is) to wasm-env.sh, browser-env.sh and
# firefox-env.sh in $SETUP_DIR, for the other scripts.
#
# WASM_RUST=rustup or WASM_RUST=debian chooses where Rust for wasm32 comes from. Without it, this script chooses.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

. scripts/setup/report.sh
. scripts/setup/system.sh
. scripts/setup/rust.sh
. scripts/setup/wasm.sh
. scripts/setup/bindgen.sh
. scripts/setup/node.sh
. scripts/setup/browser.sh
. scripts/setup/firefox.sh

mkdir -p "$SETUP_DIR"
for part in "$@"; do
  case $part in
    rust | wasm | bindgen | node | npm | adapters | matrix | site | vendor | peers | browser | firefox | lint | crates) "setup_$part" ;;
    *) stop "scripts/setup.sh knows no part '$part'; see its first lines for the parts there are." ;;
  esac
done
