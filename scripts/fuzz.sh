#!/usr/bin/env bash
# Looks for model files that make the loaders panic, hang or take memory without end: changes the small models of the
# tests over and over, guided by what code each change reaches. What it finds lies in fuzz/artifacts/.
#
#   scripts/fuzz.sh [SECONDS]    for each of the loaders; 120 unless told otherwise
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-120}
cli=${CARGO_TARGET_DIR:-target}/ci/multimodal-rag
models=tests/fixtures/models

cargo +nightly --version >/dev/null 2>&1 || {
  echo "Fuzzing needs the nightly compiler: rustup toolchain install nightly." >&2
  exit 1
}
cargo fuzz --version >/dev/null 2>&1 || {
  echo "Fuzzing needs cargo-fuzz: cargo install cargo-fuzz." >&2
  exit 1
}

mkdir -p fuzz/corpus/{load_generator,load_embedder,load_tokenizer}
cp "$models"/*.gguf "$models"/random/*.gguf fuzz/corpus/load_generator/
"$cli" quantize "$models/tiny-bert" fuzz/corpus/load_embedder/tiny-bert.safetensors --max-tokens 128
cp "$models/tiny-bert/tokenizer.json" fuzz/seeds/*.json fuzz/corpus/load_tokenizer/

for loader in load_generator load_embedder load_tokenizer; do
  cargo +nightly fuzz run "$loader" -- -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=512 \
    -dict="fuzz/$loader.dict" -max_len=3000000
done
