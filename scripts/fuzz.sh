#!/usr/bin/env bash
# Fuzzes the readers of files, of models, of stored records and of exported knowledge bases. No input may make them
# panic, hang, take unbounded memory or return false answers. The corpus begins with small files of each format and with
# the files of the tests; inputs that break a reader are written to fuzz/artifacts/.
#
#   scripts/fuzz.sh [SECONDS [TARGET…]]    for each TARGET (default: all of them); default: 120
#
# DOCUMENTS=DIR[:DIR…]: the files of these folders are in the corpus as well.
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

all=(load_generator load_adapter load_embedder load_tokenizer open_knowledge_base read_text read_office read_archive read_pdf read_image load_image_encoder read_database run_query)
for target in "${all[@]}"; do mkdir -p "fuzz/corpus/$target"; done
cp "$models"/*.gguf "$models"/random/*.gguf fuzz/corpus/load_generator/
cp "$models"/random/adapters/llama.{gguf,safetensors} fuzz/corpus/load_adapter/
"$cli" quantize "$models/tiny-bert" fuzz/corpus/load_embedder/tiny-bert.safetensors --max-tokens 128
"$cli" quantize "$models/tiny-e5.bin" fuzz/corpus/load_embedder/tiny-e5.safetensors
cp "$models/tiny-e5.bin" fuzz/corpus/load_embedder/
cp "$models/tiny-bert/tokenizer.json" fuzz/seeds/*.json fuzz/corpus/load_tokenizer/

# Puts a file into the corpus of the reader of its format.
add_document() {
  local name
  name=$(basename "$1")
  case $name in
    *.pdf) cp "$1" fuzz/corpus/read_pdf/ ;;
    *.png | *.jp*g | *.webp | *.gif | *.bmp | *.dib | *.tif* | *.avif | *.hei[cf]) cp "$1" fuzz/corpus/read_image/ ;;
    *.docx | *.pptx | *.xls[xm] | *.od[tsp] | *.rtf | *.doc | *.ppt | *.xls | *.msg) cp "$1" fuzz/corpus/read_office/ ;;
    *.sqlite | *.db) cp "$1" fuzz/corpus/read_database/ ;;
    *.zip | *.gz | *.tar | *.epub | *.eml | *.mbox | *.mhtml) cp "$1" fuzz/corpus/read_archive/ ;;
    # The first line is the name.
    *) { printf 'a.%s\n' "${name##*.}"; cat "$1"; } >"fuzz/corpus/read_text/$name" ;;
  esac
}
cp fuzz/seeds/queries/* fuzz/corpus/run_query/
IFS=: read -r -a documents <<<"${DOCUMENTS:-}"
while IFS= read -r -d '' file; do
  add_document "$file"
done < <(find fuzz/seeds/text fuzz/seeds/two-pages.pdf tests/fixtures/documents tests/fixtures/pictures tests/fixtures/tables ${documents[@]+"${documents[@]}"} -type f -print0)

# A knowledge base, record by record and as one file.
base=$(mktemp -d)
trap 'rm -rf "$base"' EXIT
"$cli" add --store "$base/store" --model "$models/tiny-bert" tests/fixtures/documents/*.{md,html,txt}
"$cli" export --store "$base/store" --model "$models/tiny-bert" "$base/base.rag"
cp "$base"/store/*.rec "$base/base.rag" fuzz/corpus/open_knowledge_base/

targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=("${all[@]}")
for target in "${targets[@]}"; do
  dictionary=()
  [ ! -r "fuzz/$target.dict" ] || dictionary=("-dict=fuzz/$target.dict")
  cargo +nightly fuzz run "$target" -- -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=512 \
    ${dictionary[@]+"${dictionary[@]}"} -max_len=3000000
done
