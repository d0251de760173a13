// Where Rust for wasm32 comes from, on each kind of machine.

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { machine } from "./machine.mjs";

const WITHOUT_CLANG = { rustc: "rustc", cargo: "cargo", cc: "cc", id: "id" };
const RUST = { ...WITHOUT_CLANG, clang: "clang", "llvm-ar": "llvm-ar" };
const ADD_TARGET = "rustup target add wasm32-unknown-unknown";
const ADD_SOURCE = "rustup component add rust-src";

test("an ordinary machine with rustup gets the target and std's source from rustup, and no package", async (t) => {
  const it = await machine(t, { os: "debian", tools: { ...RUST, rustup: "rustup", "apt-get": "apt-get", "dpkg-query": "dpkg-query" } });
  const { code, said, installs } = await it.setup(["rust", "wasm"]);
  assert.equal(code, 0, said);
  assert.deepEqual(installs, [ADD_TARGET, ADD_SOURCE]);
  assert.match(said, /installing Rust's target wasm32-unknown-unknown/);
  const env = await it.file("wasm-env.sh");
  assert.match(env, /^WASM_CARGO=cargo$/m);
  assert.match(env, /target-feature=\+simd128 --cfg getrandom_backend="wasm_js"/);
  assert.doesNotMatch(env, /RUSTC_BOOTSTRAP|build-std/);
});

test("a second run installs nothing and prints nothing", async (t) => {
  const it = await machine(t, { os: "fedora", tools: { ...RUST, rustup: "rustup" } });
  await it.setup(["rust", "wasm", "bindgen"]);
  const { code, said, installs } = await it.setup(["rust", "wasm", "bindgen"]);
  assert.equal(code, 0, said);
  assert.deepEqual(installs, []);
  assert.equal(said, "");
});

test("a Debian machine whose rustup can fetch nothing gets Debian's packages, once", async (t) => {
  const tools = { ...RUST, rustup: "rustupWithoutNetwork", "apt-get": "apt-get", "dpkg-query": "dpkg-query" };
  const it = await machine(t, { os: "debian", tools });
  const first = await it.setup(["rust", "wasm"]);
  assert.equal(first.code, 0, first.said);
  assert.equal(first.installs[0], ADD_TARGET);
  assert.match(first.installs.join("\n"), /^apt-get install .*rustc-web cargo-web rust-web-src rust-web-clippy$/m);
  const env = await it.file("wasm-env.sh");
  assert.match(env, /^WASM_CARGO=\/usr\/bin\/cargo$/m);
  assert.match(env, /WASM_CARGO_ARGS=\(-Zbuild-std=std,panic_abort,test\)/);
  assert.match(env, /_LINKER=.*wasm-ld$/m);

  const second = await it.setup(["rust", "wasm"]);
  assert.equal(second.code, 0, second.said);
  assert.deepEqual(second.installs, []);
});

test("a user who is not root installs Debian's packages through sudo", async (t) => {
  const tools = { ...RUST, id: "idOfUser", sudo: "sudo", "apt-get": "apt-get", "dpkg-query": "dpkg-query" };
  const it = await machine(t, { os: "debian", tools });
  const { code, said, calls } = await it.setup(["wasm"]);
  assert.equal(code, 0, said);
  assert.ok(calls.some((call) => call.startsWith("sudo env") && call.includes("rustc-web")), calls.join("\n"));
});

test("rust-lld of the toolchain at hand links for Debian's compiler", async (t) => {
  const it = await machine(t, { os: "debian", tools: { ...RUST, "apt-get": "apt-get", "dpkg-query": "dpkg-query" } });
  const bin = join(it.root, "sysroot/lib/rustlib/some-host/bin");
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, "rust-lld"), "", { mode: 0o755 });
  const { code, said } = await it.setup(["wasm"]);
  assert.equal(code, 0, said);
  assert.match(await it.file("wasm-env.sh"), /_LINKER=.*some-host\/bin\/rust-lld$/m);
});

test("a Debian machine without a clang gets one, which compiles SQLite for WebAssembly", async (t) => {
  const it = await machine(t, { os: "debian", tools: { ...WITHOUT_CLANG, rustup: "rustup", "apt-get": "apt-get", "dpkg-query": "dpkg-query" } });
  const { code, said, installs } = await it.setup(["wasm"]);
  assert.equal(code, 0, said);
  assert.match(installs.join("\n"), /^apt-get install .*clang-14 llvm-14$/m);
  assert.match(await it.file("wasm-env.sh"), /clang-14/);
});

test("another system without a clang stops and says what to install", async (t) => {
  const it = await machine(t, { os: "fedora", tools: { ...WITHOUT_CLANG, rustup: "rustup" } });
  const { code, said } = await it.setup(["wasm"]);
  assert.equal(code, 1);
  assert.match(said, /setup: stopped\. There is no clang for WebAssembly here, .*install clang 14 or newer with llvm-ar/);
});

test("a machine that can get neither stops and says what to do", async (t) => {
  const tools = { ...RUST, rustup: "rustupWithoutNetwork", "apt-get": "aptGetWithoutNetwork", "dpkg-query": "dpkg-query" };
  const it = await machine(t, { os: "debian", tools });
  const { code, said } = await it.setup(["wasm"]);
  assert.equal(code, 1);
  assert.match(said, /setup: stopped\. .*run 'rustup target add wasm32-unknown-unknown'/);
});

test("Debian's packages are never installed on another system", async (t) => {
  const tools = { ...RUST, rustup: "rustupWithoutNetwork", "apt-get": "apt-get", "dpkg-query": "dpkg-query" };
  const it = await machine(t, { os: "ubuntu", tools });
  const { code, said, installs } = await it.setup(["wasm"]);
  assert.equal(code, 1);
  assert.match(said, /setup: stopped\./);
  assert.deepEqual(installs, [ADD_TARGET]);
});

test("a machine without Rust stops and says where to get it", async (t) => {
  const it = await machine(t, { os: "debian", tools: { id: "id", "apt-get": "apt-get" } });
  const { code, said, installs } = await it.setup(["rust", "wasm"]);
  assert.equal(code, 1);
  assert.match(said, /setup: stopped\. Rust is not on this machine: .*https:\/\/rustup\.rs/);
  assert.deepEqual(installs, []);
});

test("another project's wasm-bindgen stays where it is", async (t) => {
  const it = await machine(t, { os: "fedora", tools: RUST });
  const shared = join(it.root, "home/.cargo/bin");
  await mkdir(shared, { recursive: true });
  await writeFile(join(shared, "wasm-bindgen"), "#!/bin/bash\necho wasm-bindgen 0.1.0\n", { mode: 0o755 });
  const { code, said, installs } = await it.setup(["bindgen"]);
  assert.equal(code, 0, said);
  assert.equal(installs.length, 1);
  assert.match(installs[0], /--root \S*target\/setup\/wasm-bindgen-/);
});

test("a locked dependency of wasm-bindgen's tools that the registry lacks is replaced by one that fits", async (t) => {
  const it = await machine(t, { os: "fedora", tools: { ...RUST, cargo: "cargoOfLaggingRegistry" } });
  const { code, said, installs } = await it.setup(["bindgen"]);
  assert.equal(code, 0, said);
  assert.match(said, /taking the newest that fit/);
  assert.deepEqual(installs.map((call) => call.endsWith("--locked")), [true, false]);
});
