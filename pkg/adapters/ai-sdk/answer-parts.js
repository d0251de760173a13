// The events of an answer as parts of a stream of the AI SDK.

import { METADATA_KEY } from "./provider.js";
import { Sources } from "./sources.js";

/** The kinds of texts of an answer, in their order. */
export const TEXTS = ["table", "answer", "quote", "text"];

const NO_ANSWER = "The documents do not answer this question.";

/**
 * Each text is a block of its own. Resolves to the `end` event.
 *
 * @param {{ question: string, history: object[] }} asked
 * @param {string} separator stands before each block but the first
 */
export async function* answerParts(engine, { question, history }, { texts = TEXTS, noAnswer = NO_ANSWER, ...options }, separator = "") {
  const blocks = new Blocks(new Sources(engine), separator);
  for await (const event of engine.ask(question, { ...options, history })) {
    const { type, text } = event;
    if (type === "end") {
      yield* blocks.endWritten();
      if (event.reason === "no_answer" && noAnswer) yield* blocks.whole("no_answer", noAnswer, []);
      return event;
    }
    if (type === "image") yield imagePart(event);
    if (!texts.includes(kindOf(type))) continue;
    if (type === "text") yield* blocks.write(text);
    else if (type === "citation") blocks.cite(event);
    else if (type === "unsupported") blocks.mark(event);
    else if (type === "table") yield* blocks.whole(type, text, event.citations, { sql: event.sql, confidence: event.confidence });
    else if (type === "answer") yield* blocks.whole(type, text, [event.citation], { confidence: event.confidence });
    else if (type === "quote") yield* blocks.whole(type, text, [event.citation]);
  }
}

/** The text that an event belongs to. */
function kindOf(type) {
  return type === "citation" || type === "unsupported" ? "text" : type;
}

function imagePart({ thumbnail, caption, citation }) {
  const { documentId, placeText = null } = citation;
  return {
    type: "file",
    mediaType: "image/jpeg",
    data: { type: "data", data: thumbnail },
    providerMetadata: { [METADATA_KEY]: { documentId, placeText, caption } },
  };
}

/** Blocks of text, one after the other. */
class Blocks {
  #sources;
  #separator;
  #count = 0;
  #written = null; // the block that is being written

  constructor(sources, separator) {
    this.#sources = sources;
    this.#separator = separator;
  }

  /** A block that is known at once; all of it rests on the citations. */
  async *whole(kind, text, citations, more = {}) {
    const block = this.#newBlock(kind);
    yield* this.#sources.newOnes(citations);
    yield start(block, more);
    yield delta(block, block.prefix + text);
    yield end(block, await Promise.all(citations.map((citation) => this.#cite(block, citation, 0, text.length))), more);
  }

  *write(text) {
    if (!this.#written) {
      this.#written = { ...this.#newBlock("text"), citations: [], unsupported: [] };
      yield start(this.#written);
      text = this.#written.prefix + text;
    }
    yield delta(this.#written, text);
  }

  cite({ citation, textStart, textEnd }) {
    this.#written?.citations.push({ citation, textStart, textEnd });
  }

  mark({ text, textStart, textEnd }) {
    this.#written?.unsupported.push({ text, startIndex: textStart, endIndex: textEnd });
  }

  async *endWritten() {
    const block = this.#written;
    if (!block) return;
    yield* this.#sources.newOnes(block.citations.map(({ citation }) => citation));
    const cited = block.citations.map(({ citation, textStart, textEnd }) => this.#cite(block, citation, textStart, textEnd));
    yield end(block, await Promise.all(cited), block.unsupported.length > 0 ? { unsupported: this.#shifted(block) } : {});
  }

  #newBlock(kind) {
    const prefix = this.#count > 0 ? this.#separator : "";
    this.#count += 1;
    return { id: String(this.#count), kind, prefix };
  }

  #cite({ prefix }, citation, from, to) {
    return this.#sources.citation(citation, prefix.length + from, prefix.length + to);
  }

  #shifted({ prefix, unsupported }) {
    return unsupported.map(({ text, startIndex, endIndex }) => ({
      text,
      startIndex: prefix.length + startIndex,
      endIndex: prefix.length + endIndex,
    }));
  }
}

const metadata = ({ kind }, more) => ({ [METADATA_KEY]: { kind, ...more } });
const start = (block, more) => ({ type: "text-start", id: block.id, providerMetadata: metadata(block, more) });
const delta = ({ id }, text) => ({ type: "text-delta", id, delta: text });
const end = (block, citations, more) => ({ type: "text-end", id: block.id, citations, providerMetadata: metadata(block, more) });
