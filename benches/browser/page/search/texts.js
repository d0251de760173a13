// Search by words alone: ours, or Orama's. Each question has words of one chunk.

import { each, loadModule } from "./module.js";
import { timeBatches, timeSearches } from "./timing.js";

/** `{ buildMs, bytes, p50, p99, first }`: `first` is the share of questions whose chunk comes first. */
export async function searchTexts({ engine, build, count, questions, nearest, limitMs }) {
  const { Texts } = await loadModule(build);
  const texts = new Texts(count, questions);
  const asked = each(questions, (number) => texts.question(number));
  const contestant = engine === "ours" ? ours(texts, questions) : await orama(texts);
  const buildMs = await contestant.build(limitMs);
  if (buildMs === null) return { buildMs };
  const { found, ...times } = await timeSearches(asked, (question, number) => contestant.isFirst(question, number, nearest));
  const first = found.filter(Boolean).length / questions;
  return { buildMs, bytes: contestant.bytes(), ...times, first };
}

function ours(texts, questions) {
  const answers = each(questions, (number) => texts.answer(number));
  return {
    build: () => texts.indexWords(),
    isFirst: (question, number, nearest) => texts.searchWords(question, answers[number], nearest),
    bytes: () => texts.memoryBytes(),
  };
}

async function orama(texts) {
  const { openTexts } = await import("./orama.js");
  const chunks = texts.chunks();
  const { add, search } = openTexts();
  return {
    build: (limitMs) => timeBatches(chunks.length, limitMs, (from, to) => add(chunks.slice(from, to), from)),
    isFirst: async (question, number, nearest) => (await search(question, nearest)) === texts.asked(number),
    bytes: () => null,
  };
}
