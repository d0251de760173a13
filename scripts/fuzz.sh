#!/usr/bin/env bash
# Fuzzes the readers of model files, PDF files, stored records and exported knowledge bases. No input may make them panic, hang,
# take unbounded memory or return false answers. The corpus begins with the files of the tests; inputs that break a
# reader are written to fuzz/artifacts/.
#
#   scripts/fuzz.sh [SECONDS [TARGET…]]    for each TARGET (default: all of them); default: 120
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

mkdir -p fuzz/corpus/{load_generator,load_embedder,load_tokenizer,open_knowledge_base,read_text,read_office,read_archive,read_pdf}
cp "$models"/*.gguf "$models"/random/*.gguf fuzz/corpus/load_generator/
"$cli" quantize "$models/tiny-bert" fuzz/corpus/load_embedder/tiny-bert.safetensors --max-tokens 128
cp "$models/tiny-bert/tokenizer.json" fuzz/seeds/*.json fuzz/corpus/load_tokenizer/
cp fuzz/seeds/*.pdf fuzz/corpus/read_pdf/
cp tests/fixtures/documents/*.{zip,gz,epub,eml,mbox,mhtml} fuzz/corpus/read_archive/
cp tests/fixtures/documents/*.{html,md,txt} fuzz/corpus/read_text/
# A knowledge base, record by record and as one file.
base=$(mktemp -d)
trap 'rm -rf "$base"' EXIT
"$cli" add --store "$base/store" --model "$models/tiny-bert" tests/fixtures/documents/*.{md,html,txt}
"$cli" export --store "$base/store" --model "$models/tiny-bert" "$base/base.rag"
cp "$base"/store/*.rec "$base/base.rag" fuzz/corpus/open_knowledge_base/

targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(load_generator load_embedder load_tokenizer open_knowledge_base read_text read_office read_archive read_pdf)
for target in "${targets[@]}"; do
  dictionary=()
  [ ! -r "fuzz/$target.dict" ] || dictionary=("-dict=fuzz/$target.dict")
  cargo +nightly fuzz run "$target" -- -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=512 \
    ${dictionary[@]+"${dictionary[@]}"} -max_len=3000000
done
