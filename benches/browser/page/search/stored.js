// A knowledge base of many chunks, through the package as its users have it. It comes as a file, since to embed so many
// texts would take hours.

import { checkBackend, optionsFor, packageFor } from "../our-options.js";
import { embedderSource } from "../ours.js";
import { each, loadModule } from "./module.js";
import { percentile, timed, timeSearches } from "./timing.js";

const NAMES = { full: "full", empty: "empty" };
/** Of the documents that are added, which go into both knowledge bases in turns. */
const ADDED = 24;

/** What a knowledge base of `count` chunks takes; times are in milliseconds. */
export async function searchStored({ build, count, questions, nearest, rounds, model }) {
  const { Texts } = await loadModule(build);
  const texts = new Texts(count, questions);
  const asked = each(questions, (number) => texts.question(number));
  const answers = each(questions, (number) => texts.answer(number));
  const { Engine, Embedder } = await packageFor({ build });
  const embedder = await Embedder.load(await sourceOf(model), optionsFor({ threads: 1 }));
  const open = async (name) =>
    Engine.open({ name, storage: "persistent", models: { embedder: await sourceOf(model) }, ...optionsFor({ threads: 1 }) });
  const { file, buildMs } = await write(texts, embedder, asked);
  const usedBefore = await usedBytes();
  const imported = await timed(async () => importing(Engine, file, model));
  const openMs = await timeOpening(open, rounds);
  const engine = await open(NAMES.full);
  const stats = await engine.stats();
  checkBackend(stats.backend, { build });
  if (stats.chunks !== count) throw new Error(`Wrong answer: of ${count} chunks, ${stats.chunks} are there.`);
  const { found, ...search } = await timeSearches(asked, (question) => engine.search(question, { limit: nearest }));
  found.forEach((passages, number) => checkFirst(passages[0], answers[number], asked[number]));
  const storedBytes = (await usedBytes()) - usedBefore;
  const empty = await open(NAMES.empty);
  const added = await timeAdding({ full: engine, empty, embedder });
  for (const closed of [engine, empty, embedder]) await closed.close();
  for (const name of Object.values(NAMES)) await Engine.delete(name);
  return {
    buildMs,
    importMs: imported.ms,
    openMs: openMs.full,
    openEmptyMs: openMs.empty,
    search,
    added,
    bytes: stats.indexBytes,
    storedBytes,
    fileBytes: file.size,
  };
}

/** The package's workers read it themselves, each time it is opened. */
async function sourceOf({ file, ...settings }) {
  return embedderSource(await (await fetch(file)).blob(), settings);
}

async function write(texts, embedder, asked) {
  const vectors = await embedder.embed(asked);
  const flat = new Float32Array(vectors.length * embedder.dimensions);
  vectors.forEach((vector, place) => flat.set(vector, place * embedder.dimensions));
  const pieces = [];
  const buildMs = texts.write(embedder.fingerprint, flat, (piece) => pieces.push(new Blob([piece])));
  return { file: new Blob(pieces), buildMs };
}

async function importing(Engine, file, model) {
  const models = { embedder: await sourceOf(model) };
  const engine = await Engine.import(file, { name: NAMES.full, storage: "persistent", models, ...optionsFor({ threads: 1 }) });
  await engine.close();
}

/** Milliseconds to open both, in turns: the empty one takes what the worker, the module and the embedder take. */
async function timeOpening(open, rounds) {
  const times = { full: [], empty: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, list] of Object.entries(times)) {
      const { ms, result } = await timed(() => open(NAMES[name]));
      list.push(ms);
      await result.close();
    }
  }
  return { full: percentile(times.full, 0.5), empty: percentile(times.empty, 0.5) };
}

/** Milliseconds to add a small document to each of these, and to embed the same text alone. */
async function timeAdding({ full, empty, embedder }) {
  const times = { full: [], empty: [], embed: [] };
  for (let number = 0; number < ADDED; number += 1) {
    const text = `Box ${number} of the new shelf holds ${number * 7} blue beads.`;
    const works = {
      embed: () => embedder.embed([text]),
      full: () => full.add(text, { name: `${number}.txt` }),
      empty: () => empty.add(text, { name: `${number}.txt` }),
    };
    for (const [name, work] of Object.entries(works)) times[name].push((await timed(work)).ms);
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, percentile(list, 0.5)]));
}

function checkFirst(passage, document, question) {
  if (passage?.documentId !== document || !passage.text.includes(question)) {
    throw new Error(`Wrong answer: "${question}" does not find the chunk that begins so first.`);
  }
}

async function usedBytes() {
  const { usage } = await navigator.storage.estimate();
  return usage;
}
