// Writes pkg/THIRD-PARTY-NOTICES.txt: the licences of the crates that are compiled into the wasm modules, and of Rust's
// standard library. The package has to carry them.
//
//   node scripts/third-party-notices.mjs

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAllowed, metadata } from "./crates.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUT = join(ROOT, "pkg/THIRD-PARTY-NOTICES.txt");
// As scripts/wasm-cargo.sh builds the modules, all together. relaxed-simd and aligned-alloc add no crates.
const FEATURES = "engine,read-text,read-office,read-pdf,read-sql,read-image";
const BUILD = ["--filter-platform", "wasm32-unknown-unknown", "--no-default-features", "--features", FEATURES];

const { packages, resolve } = metadata(...BUILD);
const packageOf = new Map(packages.map((one) => [one.id, one]));
const nodeOf = new Map(resolve.nodes.map((node) => [node.id, node]));

const linked = new Set();
addLinked(resolve.root);
linked.delete(resolve.root);

// Crates with the same text stand together.
const cratesOf = new Map();
for (const crate of [...linked].map((id) => packageOf.get(id)).sort((a, b) => (a.name < b.name ? -1 : 1))) {
  const text = licenceText(crate);
  cratesOf.set(text, [...(cratesOf.get(text) ?? []), crate]);
}

const parts = [
  "multimodal-rag's wasm modules contain Rust's standard library, which is licensed under MIT or Apache-2.0 (https://github.com/rust-lang/rust),\n" +
    "and the crates below. Crates that share a licence text stand together above it.",
];
for (const [text, crates] of cratesOf) {
  const names = crates.map(({ name, version, license, repository }) => [`${name} ${version}`, license, repository].filter(Boolean).join(", "));
  parts.push(`${names.join("\n")}\n\n${text}`);
}
writeFileSync(OUT, `${parts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`);
console.log(`pkg/THIRD-PARTY-NOTICES.txt: ${linked.size} crates, ${cratesOf.size} texts`);

/** Adds the crate and what it links. A macro runs in the compiler, and so does all that it uses. */
function addLinked(id) {
  if (linked.has(id) || packageOf.get(id).targets.some(({ kind }) => kind.includes("proc-macro"))) return;
  linked.add(id);
  for (const { pkg, dep_kinds } of nodeOf.get(id).deps) {
    if (dep_kinds.some(({ kind }) => kind === null)) addLinked(pkg);
  }
}

/** The texts of the crate's licence files: of MIT alone where MIT is enough. */
function licenceText(crate) {
  const folder = dirname(crate.manifest_path);
  const files = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => /^(licen[cs]e|copying|notice|copyright)/i.test(name))
    .flatMap((entry) => (entry.isDirectory() ? readdirSync(join(folder, entry.name)).map((name) => join(entry.name, name)) : entry.name))
    .sort();
  const mit = isAllowed(crate.license, ["MIT"]) ? files.filter((name) => /mit/i.test(name)) : [];
  const chosen = mit.length > 0 ? [...mit, ...files.filter((name) => /^notice/i.test(name))] : files;
  const texts = chosen.map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim());
  return texts.length > 0 ? texts.join("\n\n") : standardText(crate);
}

/** For a crate that comes without a text: the standard one, with the authors that its Cargo.toml names. */
function standardText({ name, version, license, authors }) {
  const owners = authors.length > 0 ? authors.join(", ") : `The authors of ${name}`;
  if (isAllowed(license, ["MIT"])) {
    return readFileSync(join(ROOT, "LICENSE-MIT"), "utf8").trim().replace(/^Copyright.*$/m, `Copyright (c) ${owners}`);
  }
  if (isAllowed(license, ["Apache-2.0"])) {
    return `Copyright ${owners}\n\n${readFileSync(join(ROOT, "LICENSE-APACHE"), "utf8").trim()}`;
  }
  if (isAllowed(license, ["MPL-2.0"])) {
    // The notice of its Exhibit A, and where the source code is (3.2).
    return (
      `Copyright ${owners}\n\nSubject to the terms of the Mozilla Public License, v. 2.0: https://mozilla.org/MPL/2.0/\n` +
      `Its source code, which is not changed here: https://crates.io/crates/${name}/${version}`
    );
  }
  throw new Error(`${name} (${license}) comes without a licence text: add one to scripts/third-party-notices.mjs.`);
}
