# make help lists what can be made.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# Cargo uses all cores by itself, and two browsers at once disturb each other's timings.
.NOTPARALLEL:

TARGET := $(or $(CARGO_TARGET_DIR),target)
CLI := $(TARGET)/ci/multimodal-rag
EMBEDDER := models/multilingual-e5-small-en-pt.q4.safetensors
# On CI, a lock file that does not match Cargo.toml is an error.
LOCKED := $(if $(CI),--locked)
TIMED := scripts/timed.sh
# What is measured is optimized across the parts that a crate is compiled in, which takes a quarter more time.
FAST := CARGO_PROFILE_CI_LTO=false

SETUP_TESTS := $(wildcard tests/setup/*.test.mjs)
TYPE_TESTS := tests/page/types.test.mjs
SITE_TESTS := $(wildcard tests/site/*.test.mjs)
NODE_TESTS := tests/node/node.test.mjs
ADAPTER_TESTS := $(wildcard tests/adapters/*.test.mjs)
PAGE_TESTS := $(filter-out $(TYPE_TESTS),$(wildcard tests/page/*.test.mjs))

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- The page -------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: setup-demo www ## install what is missing, build everything, serve the page on this machine
	@node scripts/serve.mjs

.PHONY: setup-demo
setup-demo:
	@scripts/setup.sh rust wasm bindgen node

.PHONY: models
models: ## fetch and verify the default models
	@scripts/setup.sh node
	@node scripts/fetch-models.mjs

.PHONY: cli
# On CI as a part of the tests: what only they depend on adds features to other crates, and half of them would be
# compiled twice.
cli: ## the native command line
	@scripts/setup.sh rust
	cargo $(if $(CI),test --no-run --test cli,build --bin multimodal-rag) --profile ci $(LOCKED) --features internals

.PHONY: embedder
embedder: models cli ## multilingual-e5-small in 4 bits, converted: 24 MB for English and Portuguese, 71 MB for all languages
	@scripts/quantize.sh

.PHONY: embedder-minilm
embedder-minilm: cli ## all-MiniLM-L6-v2, fetched, verified and packed to 8 bits: the tests and benchmarks need it too
	@scripts/setup.sh node
	@node scripts/fetch-models.mjs --manifest scripts/models-minilm.json
	@scripts/quantize.sh minilm

.PHONY: generator-better
generator-better: ## Qwen2.5-Coder-0.5B, fetched and verified: 491 MB. The page offers it where it is there; then: make www
	@scripts/setup.sh node
	@node scripts/fetch-models.mjs --manifest scripts/models-better.json

.PHONY: wasm
wasm: ## pkg/wasm/, quick to build
	@scripts/setup.sh wasm bindgen node
	$(TIMED) wasm scripts/build-wasm.sh ci $(if $(CI),search missing)

.PHONY: www
www: embedder wasm ## the page with the package and the models beside it
	@scripts/setup.sh vendor
	@node scripts/assemble-www.mjs

.PHONY: bench
bench: ## speed, natively and beside others in a browser, answers checked: make bench ONLY=PART FILE=QUESTIONS
	@$(if $(filter-out core,$(ONLY)),,$(MAKE) --no-print-directory bench-core)
	@$(if $(filter core,$(ONLY)),,$(MAKE) --no-print-directory bench-browser)

.PHONY: bench-core
bench-core: embedder embedder-minilm
	$(FAST) cargo bench --profile ci $(LOCKED) --bench core --bench large_table

.PHONY: wasm-search
wasm-search:
	@scripts/setup.sh wasm bindgen node
	$(FAST) scripts/build-wasm.sh ci search

.PHONY: bench-browser
bench-browser: embedder embedder-minilm generator-better wasm-search
	@scripts/setup.sh npm peers browser
	@. $(TARGET)/setup/browser-env.sh; node benches/browser/run.mjs --check $(if $(ONLY),--only $(ONLY)) $(if $(FILE),--questions "$(FILE)")

.PHONY: bench-smoke
# On CI, `make test` has built the modules that the benchmark needs.
bench-smoke: $(if $(CI),,wasm-search) ## the browser's benchmark in small: shows that it works, measures nothing
	@scripts/setup.sh npm browser
	@. $(TARGET)/setup/browser-env.sh; $(TIMED) bench-smoke node benches/browser/run.mjs --smoke

.PHONY: docs-site
docs-site: www ## the documentation as a site with an answering box: target/docs-site/
	@scripts/setup.sh npm site
	node scripts/docs-site/build.mjs

.PHONY: pkg
pkg: ## the npm package as it is published; lists what npm pack would hold
	@scripts/setup.sh wasm bindgen npm
	scripts/build-wasm.sh release
	node scripts/package-sizes.mjs
	cd pkg && npm pack --dry-run

.PHONY: eval
eval: embedder ## retrieval measured on a SQuAD-format file, against its floors: make eval FILE=…
	@[ -n "$(FILE)" ] || { echo "Name a file of questions in SQuAD's format: make eval FILE=…" >&2; exit 1; }
	node scripts/eval.mjs $(CLI) $(EMBEDDER) "$(FILE)" $(if $(BESIDE),--beside $(BESIDE))

.PHONY: eval-answers
eval-answers: embedder ## short answers, and the text of a GENERATOR, measured on a SQuAD-format file: make eval-answers FILE=…
	@[ -n "$(FILE)" ] || { echo "Name a file of questions in SQuAD's format: make eval-answers FILE=…" >&2; exit 1; }
	node scripts/eval-answers.mjs $(CLI) $(EMBEDDER) "$(FILE)" $(if $(ARTICLES),--articles $(ARTICLES)) $(if $(EVERY),--every $(EVERY)) $(if $(NUMBERED_BY),--numbered-by $(NUMBERED_BY)) $(if $(GENERATOR),--generator $(GENERATOR))

.PHONY: eval-injection
eval-injection: embedder ## orders in documents, which must have no effect: make eval-injection GENERATOR=FILE
	$(CLI) eval-injection --model $(EMBEDDER) tests/fixtures/injection.json $(if $(GENERATOR),--generator $(GENERATOR))

.PHONY: eval-claims
eval-claims: embedder ## how well written claims are checked, on a file like tests/fixtures/claims.json: make eval-claims FILE=…
	@[ -n "$(FILE)" ] || { echo "Name a file of claims in the layout of tests/fixtures/claims.json: make eval-claims FILE=…" >&2; exit 1; }
	node scripts/eval-claims.mjs $(CLI) $(EMBEDDER) "$(FILE)" $(if $(ARTICLES),--articles $(ARTICLES))

.PHONY: eval-tables
eval-tables: cli ## questions to tables, measured on a file in the layout of WikiTableQuestions: make eval-tables FILE=…
	@[ -n "$(FILE)" ] || { echo "Name a file of questions, the tables as CSV beside it: make eval-tables FILE=…" >&2; exit 1; }
	node scripts/eval-tables.mjs $(CLI) "$(FILE)" $(if $(TABLES),--tables $(TABLES))

.PHONY: eval-table-search
eval-table-search: cli embedder ## how often the right table of such a file is found among all of them: make eval-table-search FILE=…
	@[ -n "$(FILE)" ] || { echo "Name a file of questions, the tables as CSV beside it: make eval-table-search FILE=…" >&2; exit 1; }
	$(CLI) eval-tables "$(FILE)" --find --model $(EMBEDDER) $(if $(TABLES),--tables $(TABLES))

.PHONY: eval-small
eval-small: embedder ## the evaluations in small: questions, documents, tables and orders of our own, every fourth made claim
	@$(TIMED) eval-injection $(CLI) eval-injection --model $(EMBEDDER) tests/fixtures/injection.json
	@$(TIMED) eval-small node scripts/eval.mjs $(CLI) $(EMBEDDER) tests/fixtures/eval/articles.json
	@$(TIMED) eval-claims node scripts/eval-claims.mjs $(CLI) $(EMBEDDER) tests/fixtures/claims-made.json --every 4
	@$(TIMED) eval-tables node scripts/eval-tables.mjs $(CLI) tests/fixtures/eval/tables/questions-small.tsv
	@$(TIMED) eval-documents node scripts/eval-documents.mjs $(CLI) tests/fixtures/documents

.PHONY: eval-documents
eval-documents: cli ## how well files are read, beside their content as Markdown, against floors: make eval-documents DIR=…
	@[ -n "$(DIR)" ] || { echo "Name a folder of files with NAME.gold.md beside each: make eval-documents DIR=…" >&2; exit 1; }
	node scripts/eval-documents.mjs $(CLI) "$(DIR)"

.PHONY: eval-ocr
eval-ocr: embedder ## words in pictures, read and found, against floors: make eval-ocr DIR=…
	@[ -n "$(DIR)" ] || { echo "Name a folder of pages with NAME.gold.txt beside each, and questions.json: make eval-ocr DIR=…" >&2; exit 1; }
	$(CLI) eval-ocr --model $(EMBEDDER) --max-errors 0.03 --min-quoted 0.85 "$(DIR)"

# --- The tests ------------------------------------------------------------------------------------------------------

.PHONY: test
test: setup-test test-setup test-native eval-small test-wasm-relaxed test-wasm-simd test-firefox test-wasm test-types test-page test-adapters test-node test-site ## install what is missing, run every test
	@echo; echo "All tests passed: set-up, native, evaluation, wasm, Firefox, types, page, adapters, Node.js, documentation."

.PHONY: setup-test
setup-test:
	@$(TIMED) setup scripts/setup.sh rust wasm bindgen npm adapters browser firefox crates

.PHONY: test-setup
test-setup: ## the set-up scripts
	@$(TIMED) test-setup node --test $(SETUP_TESTS)

.PHONY: test-native
test-native: embedder embedder-minilm ## the core, natively
	@CARGO_NET_OFFLINE=true $(TIMED) test-native cargo test --profile ci $(LOCKED) --features internals

# On CI most is tested natively only: docs/testing.md. Without CI everything is tested as wasm too.
WASM_TESTS := $(if $(CI),--test format_compat --test store --test browser --test kernel,--lib --tests)
FIREFOX_TESTS := $(if $(CI),,--lib) --test kernel --test store --test browser

WASM_TEST = CARGO_NET_OFFLINE=true WASM_BINDGEN_TEST_TIMEOUT=600 $(TIMED) $@ scripts/wasm-cargo.sh test --profile ci $(LOCKED)
# Cargo keeps one version of the library for all features of it. So that CI compiles each once, it makes the module of a
# build and tests that build together.
MODULE = $(if $(CI),$(TIMED) wasm-$(1) scripts/build-wasm.sh ci search $(1),:)

.PHONY: test-wasm
test-wasm: test-wasm-relaxed test-wasm-simd $(if $(CI),,test-wasm-threads) test-wasm-relaxed-threads ## the core and the browser's part as wasm, in headless Chromium

.PHONY: setup-wasm
setup-wasm:
	@scripts/setup.sh wasm bindgen node browser

.PHONY: test-wasm-simd
test-wasm-simd: setup-wasm
	@$(call MODULE,simd)
	@$(WASM_TEST) $(WASM_TESTS)

.PHONY: test-wasm-relaxed
test-wasm-relaxed: setup-wasm
	@$(call MODULE,relaxed-simd)
	@$(WASM_TEST) --features relaxed-simd --test models --test kernel

.PHONY: test-wasm-threads
test-wasm-threads: setup-wasm
	@WASM_THREADS=1 $(WASM_TEST) --test kernel

.PHONY: test-wasm-relaxed-threads
test-wasm-relaxed-threads: setup-wasm
	@$(call MODULE,relaxed-simd-threads)
	@$(if $(CI),,WASM_THREADS=1 $(WASM_TEST) --features relaxed-simd --lib --test kernel)

.PHONY: test-firefox
# With the features of test-wasm-simd, and right after it.
test-firefox: ## the kernels, the stores and the browser's part as wasm, in headless Firefox
	@scripts/setup.sh wasm bindgen firefox
	@WASM_BROWSER=firefox $(WASM_TEST) $(FIREFOX_TESTS)

.PHONY: test-types
test-types: ## the package's TypeScript declarations
	@scripts/setup.sh npm
	@$(TIMED) test-types node --test $(TYPE_TESTS)

.PHONY: test-page
test-page: embedder-minilm www ## the page, driven in headless Chromium
	@scripts/setup.sh npm browser
	@. $(TARGET)/setup/browser-env.sh; $(TIMED) test-page node --test --test-concurrency=2 $(PAGE_TESTS)

.PHONY: test-adapters
test-adapters: cli wasm ## the package's adapters, with the frameworks that they are for
	@scripts/setup.sh npm adapters browser
	@. $(TARGET)/setup/browser-env.sh; $(TIMED) test-adapters node --test --test-concurrency=2 $(ADAPTER_TESTS)

.PHONY: test-node
test-node: cli wasm ## the package in Node.js
	@scripts/setup.sh npm
	@$(TIMED) test-node node --test $(NODE_TESTS)

.PHONY: test-site
test-site: cli wasm ## the documentation as a site
	@scripts/setup.sh npm site browser
	@. $(TARGET)/setup/browser-env.sh; $(TIMED) test-site node --test $(SITE_TESTS)

.PHONY: test-matrix
test-matrix: cli wasm ## the package in Bun, in Deno, and in every bundler and framework of tests/matrix/; writes docs/compatibility.md
	@scripts/setup.sh npm matrix browser
	@$(TIMED) test-runtimes node --test tests/node/runtimes.test.mjs
	@. $(TARGET)/setup/browser-env.sh; $(TIMED) test-matrix node tests/matrix/run.mjs

.PHONY: torture
# Without --test, which prints nothing until the test ends.
torture: www ## kills tabs and browsers during a thousand changes; nothing may be lost: make torture KILLS=… SEED=…
	@scripts/setup.sh npm browser
	@. $(TARGET)/setup/browser-env.sh; KILLS=$(or $(KILLS),1000) $(if $(SEED),SEED=$(SEED)) node tests/page/kill.test.mjs

.PHONY: fuzz
fuzz: cli ## changes files, models and records until one breaks its reader; needs nightly Rust and cargo-fuzz: make fuzz TIME=SECONDS
	@scripts/fuzz.sh $(TIME)

# --- The checks -----------------------------------------------------------------------------------------------------

.PHONY: lint
lint: lint-format lint-supply lint-native lint-docs lint-fuzz lint-wasm $(if $(CI),,lint-wasm-threads lint-readers) ## format, licences, clippy natively and for wasm, rustdoc, fuzz targets; warnings are errors

.PHONY: lint-format
lint-format:
	@scripts/setup.sh rust lint
	@$(TIMED) lint-format cargo fmt --check

.PHONY: lint-supply
lint-supply:
	@scripts/setup.sh node
	@$(TIMED) lint-supply node scripts/check-supply.mjs

.PHONY: lint-native
# A check, which compiles nothing to machine code. Clippy, rustdoc and the fuzz targets share the checked dependencies.
lint-native:
	@$(TIMED) lint-native cargo clippy --profile ci $(LOCKED) --all-targets -- -D warnings

.PHONY: lint-wasm
lint-wasm: ## the engine as wasm, and the tests that are wasm only: the others are checked natively
	@scripts/setup.sh wasm
	@$(TIMED) lint-wasm scripts/wasm-cargo.sh clippy --profile ci $(LOCKED) --lib --test browser --examples

.PHONY: lint-wasm-threads
lint-wasm-threads:
	@scripts/setup.sh wasm
	@WASM_THREADS=1 $(TIMED) lint-wasm-threads scripts/wasm-cargo.sh clippy --profile ci $(LOCKED) --features relaxed-simd --lib

READERS := read-text read-office read-pdf read-sql read-image read-image,relaxed-simd

.PHONY: lint-readers
# Each alone, as it is in its module. As wasm their warnings are errors where they are built, by build-wasm.sh.
lint-readers:
	@for reader in $(READERS); do \
	  $(TIMED) "lint-$$reader" cargo clippy --profile ci $(LOCKED) --lib --no-default-features --features "$$reader" -- -D warnings || exit 1; \
	done

.PHONY: lint-docs
lint-docs:
	@RUSTDOCFLAGS="-D warnings" $(TIMED) lint-docs cargo doc --profile ci $(LOCKED) --no-deps --document-private-items

.PHONY: lint-fuzz
# Checked with the stable compiler. A check links nothing, so libFuzzer is named instead of compiled.
lint-fuzz:
	@CUSTOM_LIBFUZZER_PATH=/none/libfuzzer.a $(TIMED) lint-fuzz \
	  cargo clippy --profile ci $(LOCKED) --manifest-path fuzz/Cargo.toml --target-dir $(TARGET) -- -D warnings

.PHONY: clean
clean: ## remove what was built; the fetched models stay
	cargo clean
	rm -rf pkg/wasm pkg/LICENSE* pkg/THIRD-PARTY-NOTICES.txt pkg/*.tgz www/pkg www/models www/vendor www/precache.json www/hosted.json
