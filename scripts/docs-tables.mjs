#!/usr/bin/env node
// The parts of the docs that are made from other files: formats, results, kinds of records, the page's policy.
// Each stands between <!-- NAME --> and <!-- /NAME -->. The endings that the page's file chooser offers are one more part.
//
//   node scripts/docs-tables.mjs        writes them; tests/setup/docs.test.mjs compares them

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const pathOf = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url));
const read = (relative) => readFile(pathOf(relative), "utf8");
const readJson = async (relative) => JSON.parse(await read(relative));

const RESULTS = "benches/browser/results.json";
const RESULTS_WITHOUT_VNNI = "benches/browser/results-without-vnni.json";

/** Every made part: the document, the name of its markers, and what makes it. */
export const PARTS = [
  { document: "README.md", name: "formats", make: async () => formats(await read("src/format/table.rs")) },
  {
    document: "www/index.html",
    name: "accept",
    between: [' accept="', '"'],
    make: async () => accept(await read("src/format/table.rs")),
  },
  { document: "README.md", name: "speed", make: async () => speed(await readJson(RESULTS)) },
  { document: "README.md", name: "search", make: async () => search(await readJson(RESULTS)) },
  { document: "docs/benchmarks.md", name: "machine", make: async () => machine(await readJson(RESULTS)) },
  { document: "docs/benchmarks.md", name: "limits", make: async () => limits(await readJson(RESULTS)) },
  { document: "docs/benchmarks.md", name: "strategies", make: async () => strategies(await readJson(RESULTS)) },
  {
    document: "docs/benchmarks.md",
    name: "machine-without-vnni",
    make: async () => machine(await readJson(RESULTS_WITHOUT_VNNI)),
  },
  {
    document: "docs/benchmarks.md",
    name: "limits-without-vnni",
    make: async () => limits(await readJson(RESULTS_WITHOUT_VNNI)),
  },
  {
    document: "docs/benchmarks.md",
    name: "speed-without-vnni",
    make: async () => speed(await readJson(RESULTS_WITHOUT_VNNI)),
  },
  { document: "docs/storage-format.md", name: "kinds", make: async () => kinds(await read("src/record/kind.rs")) },
  { document: "docs/security.md", name: "policy", make: async () => policy(await read("www/index.html")) },
];

/** The text of a part of `document`, and the document with another text there. */
export function part(document, { name, between: [begin, end] = [`<!-- ${name} -->\n`, `\n<!-- /${name} -->`] }) {
  const start = document.indexOf(begin);
  const stop = document.indexOf(end, start + begin.length);
  if (start < 0 || stop < 0) throw new Error(`The part ${name} has no beginning or no end.`);
  const [before, after] = [document.slice(0, start + begin.length), document.slice(stop)];
  return { text: document.slice(start + begin.length, stop), replaced: (text) => before + text + after };
}

const table = (head, rows) => {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
};

/** A measured number, in three digits. */
const number = (value) => value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
const whole = (count) => count.toLocaleString("en-US");

/** The rows of FORMATS: name, endings with their dots, media types, reader module. */
function rowsOf(source) {
  const [, rows] = /FORMATS: &\[Format\] = &\[\n(.*?)^\];/ms.exec(source);
  const listOf = (row, field) => [...new RegExp(`${field}: &\\[(.*?)\\]`, "s").exec(row)[1].matchAll(/"([^"]+)"/g)].map(([, text]) => text);
  return rows.split(/^ {4}Format \{/m).slice(1).map((row) => ({
    name: /name: "([^"]+)"/.exec(row)[1],
    endings: listOf(row, "extensions").map((ending) => `.${ending}`),
    types: listOf(row, "media_types"),
    module: /module: ReaderModule::(\w+)/.exec(row)[1].toLowerCase(),
  }));
}

function formats(source) {
  const code = (texts) => texts.map((text) => `\`${text}\``).join(", ") || "by content";
  const rows = rowsOf(source).map(({ name, endings, module }) => [name, code(endings), module]);
  return table(["Format", "File endings", "Reader module"], rows);
}

function accept(source) {
  return rowsOf(source).flatMap(({ endings, types }) => [...endings, ...types]).join(",");
}

/** The quickest build against one peer, on one and two threads. */
function speed({ results }) {
  const cell = (what, peer, threads) => {
    const row = results.find(
      (r) => r.what === what && r.threads === threads && r.build === "relaxed" && r.peer_name === peer,
    );
    return `${number(row.ours)} (${peer.split(" ")[0]}: ${number(row.peer)})`;
  };
  const row = (title, what, peer) => [title, cell(what, peer, 1), cell(what, peer, 2)];
  return table(
    ["tokens a second", "one thread", "two threads"],
    [
      row("reading a prompt of 512 tokens, default generator", "prefill, 512 tokens: SmolLM2-135M-Instruct Q4_1", "wllama"),
      row("writing after it", "decode after 512 tokens: SmolLM2-135M-Instruct Q4_1", "wllama"),
      row(
        "embedding texts of 16 to 256 tokens, all-MiniLM-L6-v2",
        "all-MiniLM-L6-v2, 64 texts of 16 to 256 tokens",
        "onnxruntime-web int8",
      ),
    ],
  );
}

const SIZES = [10_000, 100_000, 300_000];

function search({ search: { vectors, stored } }) {
  const of = (count, engine) => vectors.find((v) => v.count === count && v.engine === engine && v.build !== "simd128");
  const used = (count) => of(count, "ours").searches.find(({ way }) => way === "quickest");
  const peers = (count) =>
    ["hnswlib-wasm", "edgevec", "@orama/orama"]
      .filter((peer) => of(count, peer))
      .map((peer) => `${peer.replace("@orama/", "")} ${number(of(count, peer).searches[0].p50)}`)
      .join(", ");
  const nearest = (count) => `${number(used(count).p50)} ms${peers(count) && ` (${peers(count)})`}`;
  const kept = (count) => stored.find((s) => s.count === count);
  const row = (title, cell) => [title, ...SIZES.map(cell)];
  return table(
    ["one thread, medians", ...SIZES.map((count) => `${whole(count)} chunks`)],
    [
      row("the ten nearest vectors", nearest),
      row("share of them that is found", (count) => used(count).recall.toFixed(3)),
      row("`engine.search`, the question's vector included", (count) => `${number(kept(count).search.p50)} ms`),
      row("`Engine.open`", (count) => `${number(kept(count).openMs)} ms`),
      row("memory of the index", (count) => `${Math.round(kept(count).bytes / count)} bytes a chunk`),
    ],
  );
}

function strategies({ search: { vectors } }) {
  const ours = vectors.filter((v) => v.engine === "ours" && v.build === "relaxed");
  const cell = (v, way) => {
    const found = v.searches.find((s) => s.way === way);
    return found ? `${number(found.p50)} ms, ${found.recall.toFixed(3)}` : "–";
  };
  const rows = ours.map((v) => [
    whole(v.count),
    cell(v, "codes"),
    cell(v, "signs"),
    cell(v, "graphs"),
    v.graphMs === null ? "–" : `${number(v.graphMs / 1000)} s`,
  ]);
  return table(["vectors", "exact", "signs", "graph", "building the graph"], rows);
}

function machine({ machine: m, rounds }) {
  return `${m.processor}, ${m.cores} cores, ${m.memory_gib} GiB, ${m.browser}, ${m.date}; medians of ${rounds} rounds.`;
}

function limits(results) {
  const prefill = (threads) =>
    results.results.find((r) => r.what.startsWith("prefill, 512 tokens: SmolLM2") && r.threads === threads && r.build === "relaxed");
  const rows = results.limits.map(({ threads, int8_relaxed_gops, int8_paired_gops = 0, memory_gib_s }) => [
    threads,
    `${number(Math.max(int8_relaxed_gops, int8_paired_gops))} GOPS`,
    `${number(memory_gib_s)} GiB/s`,
    `${number(prefill(threads).limit_percent)} %`,
  ]);
  return table(["threads", "fastest int8 GEMM", "memory", "share that reading a prompt reaches"], rows);
}

/** The keys are not in the table of kinds; the document's own are kept. */
async function kinds(source) {
  const own = part(await read("docs/storage-format.md"), { name: "kinds" }).text;
  const keyOf = (letter) => own.match(new RegExp(`^\\| \`${letter}\` \\| [^|]+ \\| ([^|]+) \\|`, "m"))?.[1] ?? "?";
  const rows = [...source.matchAll(/row\(b'(.)', "([\w ]+)", \[(\d+), (\d+)\]\)/g)];
  return table(
    ["letter", "kind", "key", "oldest version", "current version"],
    rows.map(([, letter, name, oldest, current]) => [`\`${letter}\``, name, keyOf(letter), oldest, current]),
  );
}

function policy(page) {
  const [, found] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page);
  return `\`\`\`\n${found}\n\`\`\``;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const made of PARTS) {
    const text = await made.make();
    await writeFile(pathOf(made.document), part(await read(made.document), made).replaced(text));
  }
}
