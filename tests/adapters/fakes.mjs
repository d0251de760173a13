// Engines, embedders and generators without a worker: they answer at once, with the shapes of index.d.ts.

import { RagError } from "../../pkg/errors.js";

/** A vector of unit length that counts two letters: texts with many "a" are like "a". */
function vectorOf(text) {
  const count = (letter) => text.split(letter).length - 1;
  const [x, y] = [count("a") + 0.01, count("b") + 0.01];
  return Float32Array.of(x / Math.hypot(x, y), y / Math.hypot(x, y));
}

/** Remembers the texts and the signals that it was given. */
export function fakeEmbedder() {
  const calls = [];
  const embed = async (texts, { signal } = {}) => {
    calls.push({ texts, signal });
    return texts.map(vectorOf);
  };
  return { dimensions: 2, embed, calls };
}

export const citationOf = (text, more = {}) => ({
  number: 1,
  documentId: "d1",
  documentName: "hours.pdf",
  chunkId: "c1",
  start: 10,
  end: 10 + text.length,
  headings: "",
  text,
  placeText: "page 2",
  ...more,
});

/** Its answer has these events. Pauses before the event `pauseAt`, if there is one, until the signal aborts. */
export function fakeEngine(events, { documents = [{ id: "d1", type: "application/pdf", title: "Opening hours" }], pauseAt, failure } = {}) {
  const asked = [];
  async function* ask(question, options) {
    asked.push({ question, ...options });
    for (const [at, event] of events.entries()) {
      if (at === pauseAt) {
        await new Promise((resolve) => options.signal.addEventListener("abort", resolve));
        yield { type: "end", reason: "aborted", timings: {} };
        return;
      }
      yield event;
    }
    if (failure) throw new RagError(failure, "It failed. Try again.");
  }
  return { ask, asked, documents: async () => documents };
}

/** The events of an answer that has everything. */
export const EVENTS = [
  { type: "passages", passages: [] },
  {
    type: "table",
    text: "2 doors are open.",
    sql: "SELECT 2",
    confidence: 0.9,
    citations: [citationOf("yes", { documentId: "d2", documentName: "doors.csv", placeText: "row 2" })],
  },
  { type: "answer", text: "three", citation: citationOf("three"), confidence: 0.8 },
  { type: "quote", text: "On Fridays it closes at three.", citation: citationOf("On Fridays it closes at three.") },
  { type: "image", thumbnail: Uint8Array.of(255, 216), caption: "The door", citation: citationOf("door"), width: 8, height: 8 },
  { type: "text", text: "It closes " },
  { type: "text", text: "at three. …" },
  { type: "citation", citation: citationOf("On Fridays it closes at three."), textStart: 0, textEnd: 19 },
  { type: "unsupported", text: "Or so.", textStart: 20, textEnd: 21 },
  { type: "end", reason: "stop", timings: { promptTokens: 30, tokens: 8 } },
];
