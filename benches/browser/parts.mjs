// The parts of a run: which files go through which engines. PARTS is the whole benchmark, SMOKE_PARTS the same in
// small, with models that are checked in and without peers.

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { compareAdding } from "./adding.mjs";
import { answeringSet, compareAnswering } from "./answering.mjs";
import { compareDocuments } from "./documents.mjs";
import { compareEmbedders } from "./embedders.mjs";
import { compareGenerators } from "./generators.mjs";
import { makeDeck, makePdf } from "./made-documents.mjs";
import { makeTables } from "./made-tables.mjs";
import { compareOcr, drawPictures, ocrPictures } from "./ocr.mjs";
import { writeRandomModel } from "./random-gguf.mjs";
import { compareSearch } from "./search.mjs";
import { repository } from "./site.mjs";
import { compareTables } from "./tables.mjs";
import { document, textMaker } from "./texts.mjs";
import { compareThumbnails, drawPhoto } from "./thumbnails.mjs";
import { unigramPieces, wordPieces } from "./vocabularies.mjs";

const built = resolve(repository, process.env.CARGO_TARGET_DIR ?? "target", "bench");
const smollm2 = join(repository, "models/SmolLM2-135M-Instruct.Q4_1.gguf");
const qwen2 = join(repository, "models/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf");
const minilm = join(repository, "models/all-MiniLM-L6-v2.q8.safetensors");
const e5 = join(repository, "models/multilingual-e5-small-en-pt.q4.safetensors");
const answerReader = join(repository, "adapters/answer-reader.safetensors");
const fixtures = join(repository, "tests/fixtures");
const tinyLlama = join(fixtures, "models/tiny-llama.gguf");
const tinyBert = join(fixtures, "models/tiny-bert");

/** Two operations for every weight of MiniLM's six layers, and of e5's twelve. */
const MINILM_FLOP = 21.2e6;
const E5_FLOP = 42.5e6;
/** The same for a picture of CLIP ViT-B/32: 50 rows through twelve layers, and its patches. */
const CLIP_FLOP = 8.7e9;
/** Less than this with the vectors of the reference is a wrong answer. */
const LEAST_COSINE = 0.99;
/** The vectors of e5 are near to each other, whatever the texts say: a wrong one has a high cosine as well. */
const E5_LEAST_COSINE = 0.998;
/** A prompt of about as many tokens as an answer from three passages has. */
const QWEN_DAYS = 22;
const QWEN_TOKENS = 455;
const ADDED_BYTES = 20_000;
/** How many questions are answered, among how many paragraphs. */
const ANSWERED = 100;
const PARAGRAPHS = 998;
const PARAGRAPH_BYTES = 700;
/** As far as the continuation of the prompts is plain to SmolLM2: "\nDay 25: the keeper". */
const AGREED_CHARACTERS = 19;
/** The same for the tiny decoder, whose engines all are ours. */
const AGREED_BY_OURS = 40;

const smollm = {
  name: "smollm2",
  files: () => [smollm2],
  async run(run) {
    const model = { title: "SmolLM2-135M-Instruct Q4_1", path: smollm2, agreed: AGREED_CHARACTERS };
    return { rows: await compareGenerators(run, model) };
  },
};

/** The better generator of the page. One round: the peer takes minutes for it. */
const qwen = {
  name: "qwen",
  files: () => [qwen2],
  async run(run) {
    const title = "Qwen2.5-Coder-0.5B-Instruct Q4_K_M";
    // After a whole line it would write nothing.
    const model = { title, path: qwen2, promptDays: QWEN_DAYS, promptEnd: "\nDay 23: the keeper", promptTokens: QWEN_TOKENS };
    return { rows: await compareGenerators({ ...run, rounds: 1, warmUps: 1, stops: 3 }, model) };
  },
};

function random(name, file, title) {
  const path = join(built, file);
  return {
    name,
    prepare: () => writeRandomModel(smollm2, built, file),
    files: () => [path],
    run: async (run) => ({ rows: await compareGenerators(run, { title, path }) }),
  };
}

/** An encoder in the file `path`, beside the graphs `NAME-int8.onnx` and `NAME-f32.onnx`. */
function embedder({ name, title, path, flopOfToken, leastCosine, vocabulary, shortest = [] }) {
  const peers = ["int8", "f32"].map((precision) => ({ precision, path: join(built, `${name}-${precision}.onnx`) }));
  return {
    name,
    files: () => [path, ...peers.map(({ path }) => path)],
    async run(run) {
      const make = textMaker(await vocabulary());
      const same = (count, tokens) => ({ title: `${count} x ${tokens} tokens`, ...make.same(count, tokens) });
      const cases = [
        ...shortest.map((tokens) => same(1, tokens)),
        same(1, 128),
        same(8, 128),
        { title: "64 texts of 16 to 256 tokens", ...make.mixed() },
      ];
      const ours = { model: `/models/${basename(path)}` };
      return compareEmbedders(run, { title, flopOfToken, leastCosine, ours, peers, cases });
    },
  };
}

/**
 * CLIP ViT-B/32 of random weights: `scripts/reference/clip_onnx.py` writes its files and the peer's graphs, and the
 * command line packs them.
 */
const imageEncoder = {
  name: "image",
  async prepare() {
    const program = join(built, "../ci/multimodal-rag");
    await promisify(execFile)(program, ["quantize", join(built, "clip"), join(built, "clip.safetensors")]);
  },
  files: () => ["clip.safetensors", "clip-int8.onnx", "clip-f32.onnx"].map((name) => join(built, name)),
  async run(run) {
    const [path, ...graphs] = this.files();
    const peers = ["int8", "f32"].map((precision, place) => ({ precision, path: graphs[place] }));
    const ours = { model: `/models/${basename(path)}` };
    const cases = [{ title: "one picture", texts: [1], ids: [[1]] }];
    const of = { kind: "openImageEmbedder", unit: "pictures/s", flopOfToken: CLIP_FLOP, leastCosine: LEAST_COSINE };
    return compareEmbedders(run, { title: "CLIP ViT-B/32, random weights", ours, peers, cases, ...of });
  },
};

const adding = {
  name: "add",
  files: () => [minilm],
  run: async (run) => ({ rows: await compareAdding(run, { path: minilm, bytes: ADDED_BYTES }) }),
};

/** The paragraphs of `run.questions`, a file in SQuAD's format, or our own among made ones. */
function answering({ count, least }) {
  const files = { embedder: e5, answerReader };
  return {
    name: "answers",
    files: () => Object.values(files),
    async run(run) {
      const file = run.questions ?? join(fixtures, "eval/articles.json");
      const squad = JSON.parse(await readFile(file, "utf8"));
      const filler = (number) => document(number, PARAGRAPH_BYTES);
      return { rows: await compareAnswering(run, { files, ...answeringSet(squad, { count, least, filler }) }) };
    },
  };
}

/** A PDF and a deck, which are made each time. */
function documents({ pages, slides }) {
  const list = [
    { title: `a PDF of ${pages} pages`, file: "made.pdf", module: "pdf", parts: pages, unit: "pages", make: makePdf, peer: "pdfjs" },
    { title: `a deck of ${slides} slides`, file: "made.pptx", module: "office", parts: slides, unit: "slides", make: makeDeck },
  ].map((document) => ({ ...document, path: join(built, document.file) }));
  return {
    name: "documents",
    async prepare() {
      for (const document of list) {
        const { bytes, text } = document.make(document.parts);
        document.text = text;
        await writeFile(document.path, bytes);
      }
    },
    files: () => list.map(({ path }) => path),
    run: async (run) => ({ rows: await compareDocuments(run, list) }),
  };
}

/** Pictures of text, which are drawn each time. */
function words(only = () => true) {
  const pictures = ocrPictures((name) => join(built, name)).filter(only);
  const folder = join(repository, "models/pp-ocrv6-tiny");
  const files = { detection: "detection.onnx", recognition: "recognition.onnx", characters: "characters.json" };
  const models = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, join(folder, file)]));
  return {
    name: "ocr",
    prepare: () => drawPictures(pictures),
    files: () => [...pictures.map(({ path }) => path), ...Object.values(models)],
    run: async (run) => ({ rows: await compareOcr(run, { pictures, models }) }),
  };
}

/** Sales and cities as CSV, which are made each time: so many `rows` are imported, queried, and added with the embedder `model`. */
function tables({ rows }, model) {
  const names = { sales: "sales.csv", cities: "cities.csv" };
  const paths = Object.fromEntries(Object.entries(names).map(([name, file]) => [name, join(built, file)]));
  const made = {};
  return {
    name: "tables",
    async prepare() {
      const { sales, cities, queries } = makeTables(rows);
      Object.assign(made, { rows, queries, bytes: Buffer.byteLength(sales) });
      await writeFile(paths.sales, sales);
      await writeFile(paths.cities, cities);
    },
    files: () => [...Object.values(paths), ...new Set([...filesOf(smallSource), ...filesOf(model)])],
    run: async (run) => ({ rows: await compareTables(run, { ...made, embedders: { small: sourceOf(smallSource), default: sourceOf(model) } }) }),
  };
}

const filesOf = (model) => Object.values(model).filter((path) => typeof path === "string");

/** The settings of a contestant with this embedder. */
function sourceOf({ file, config, tokenizer, options }) {
  const at = (path) => path && `/models/${basename(path)}`;
  return { model: at(file), config: at(config), tokenizer: at(tokenizer), options };
}

/** A photo, which is drawn each time. */
function thumbnails(count) {
  const path = join(built, "photo-12-megapixels.jpg");
  return {
    name: "thumbnails",
    prepare: () => drawPhoto(path),
    files: () => [path],
    run: async (run) => ({ rows: await compareThumbnails(run, { path, count }) }),
  };
}

/** 32,768 is the largest segment that merging makes, and a graph is of one segment. */
const SEARCH_SIZES = [
  { count: 1_000, graphs: true },
  { count: 10_000, graphs: true, withPeers: true, isStored: true },
  { count: 32_768, graphs: true },
  { count: 100_000, graphs: true, withPeers: true, isStored: true },
  { count: 300_000, isStored: true },
];
const NEAREST = 10;
/** How long a peer may take to build what it searches. */
const PEER_LIMIT_MS = 360_000;

function search(settings, model) {
  const profile = join(built, "profile");
  return {
    name: "search",
    folders: { search: join(built, "search") },
    files: () => filesOf(model),
    run: (run) => compareSearch(run, { nearest: NEAREST, limitMs: PEER_LIMIT_MS, profile, model, ...settings }),
  };
}

export const PARTS = [
  smollm,
  qwen,
  random("q8_0", "random-135m.Q8_0.gguf", "random weights, 135M, Q8_0"),
  random("q4_k", "random-400m.Q4_K.gguf", "random weights, 408M, Q4_K"),
  embedder({
    name: "minilm",
    title: "all-MiniLM-L6-v2",
    path: minilm,
    flopOfToken: MINILM_FLOP,
    leastCosine: LEAST_COSINE,
    vocabulary: () => wordPieces(join(repository, "models/all-MiniLM-L6-v2/tokenizer.json")),
  }),
  embedder({
    name: "e5",
    title: "multilingual-e5-small",
    path: e5,
    flopOfToken: E5_FLOP,
    leastCosine: E5_LEAST_COSINE,
    vocabulary: () => unigramPieces(e5),
    shortest: [16],
  }),
  imageEncoder,
  answering({ count: ANSWERED, least: PARAGRAPHS }),
  adding,
  documents({ pages: 300, slides: 500 }),
  words(),
  thumbnails(100),
  tables({ rows: 100_000 }, { file: minilm }),
  search({ sizes: SEARCH_SIZES, questions: 200 }, { file: minilm }),
];

function smallDecoder(name, path, prepare) {
  const model = { title: name, path, promptDays: 2, agreed: AGREED_BY_OURS };
  return { name, prepare, files: () => [path], run: async (run) => ({ rows: await compareGenerators(run, model) }) };
}

function smallRandom(file) {
  return smallDecoder(file, join(built, file), () => writeRandomModel(tinyLlama, built, file));
}

const smallSource = {
  file: join(tinyBert, "model.safetensors"),
  config: join(tinyBert, "config.json"),
  tokenizer: join(tinyBert, "tokenizer.json"),
  options: { maxTokens: 128 },
};

const smallEmbedder = {
  name: "tiny-bert",
  files: () => [smallSource.file, smallSource.config, smallSource.tokenizer],
  async run(run) {
    const { sentences } = JSON.parse(await readFile(join(fixtures, "reference/tiny_bert.json"), "utf8"));
    const column = (name) => sentences.map((sentence) => sentence[name]);
    const cases = [{ title: "a few sentences", texts: column("text"), ids: column("ids"), vectors: column("vector") }];
    const [model, config, tokenizer] = this.files().map((path) => path.replace(tinyBert, "/models"));
    const ours = { model, config, tokenizer, options: smallSource.options };
    const encoder = { title: "tiny-bert", flopOfToken: null, leastCosine: LEAST_COSINE, ours, peers: [], cases };
    return compareEmbedders(run, encoder);
  },
};

export const SMOKE_PARTS = [
  smallDecoder("tiny-llama", tinyLlama),
  smallRandom("random-tiny.Q8_0.gguf"),
  smallRandom("random-tiny.Q4_K.gguf"),
  smallEmbedder,
  documents({ pages: 3, slides: 3 }),
  words(({ width }) => width === 1000),
  thumbnails(1),
  tables({ rows: 300 }, smallSource),
  search({ sizes: [{ count: 400, graphs: true, isStored: true }], questions: 20 }, smallSource),
];
