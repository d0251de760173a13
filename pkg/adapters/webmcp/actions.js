// What the tools do with an engine.

import { RagError } from "../../errors.js";

/** Documents of one page of a list. */
const PAGE = 100;
/** Passages that an answer is from. */
const ASKED_PASSAGES = 5;

export const ACTIONS = {
  async search(engine, { question, limit = 5, where }, signal) {
    const passages = await engine.search(question, { limit, where, signal });
    return { passages: passages.map((passage) => ({ ...source(passage), score: passage.score, scores: passage.scores })) };
  },

  async ask(engine, { question, where, after }, signal) {
    const answer = { found: true, quotes: [] };
    const history = after === undefined ? undefined : [{ question: after }];
    for await (const event of engine.ask(question, { limit: ASKED_PASSAGES, maxTokens: 0, where, history, signal })) {
      if (event.type === "table") answer.computed = computed(event);
      if (event.type === "answer") answer.answer = { ...source(event.citation), confidence: event.confidence };
      if (event.type === "quote") answer.quotes.push(source(event.citation));
      if (event.type === "end") answer.found = event.reason !== "no_answer";
    }
    signal?.throwIfAborted();
    return answer;
  },

  async list(engine, { cursor = "0" }) {
    const documents = await engine.documents();
    const start = Number(cursor);
    if (!Number.isSafeInteger(start) || start < 0) {
      throw new RagError("invalid_option", "The cursor is not one that a list gave.");
    }
    const end = start + PAGE;
    const page = documents.slice(start, end).map(documentOf);
    return { documents: page, total: documents.length, ...(end < documents.length && { nextCursor: String(end) }) };
  },

  async tables(engine) {
    const tables = await engine.tables();
    return { tables: tables.map(({ name, documentName, title, rows, columns }) => ({ name, document: documentName, title, rows, columns })) };
  },

  async query(engine, { sql, params = [], limit = 100 }, signal) {
    const { columns, rows, truncated, citations } = await engine.query(sql, { params, limit, signal });
    return { columns, rows: rows.map((row) => row.map(plain)), truncated, cells: citations.map(cell) };
  },

  async add(engine, { name, text }, signal) {
    return { added: [documentOf(await engine.add(text, { name, signal }))] };
  },
};

/** A text with its place: offsets are UTF-16, into the document's text. */
function source({ documentName, documentId, placeText, start, end, text, headings }) {
  return { document: documentName, documentId, place: placeText, start, end, text, headings };
}

function computed({ text, explanation, sql, confidence, rows, citations }) {
  return { text, explanation, sql, confidence, values: rows.flat(), cells: citations.map(cell) };
}

const cell = (it) => ({ ...source(it), table: it.table, column: it.column, row: it.row });
const documentOf = ({ id, name, title, chunks, warnings }) => ({ id, name, title, chunks, warnings });
/** JSON has no large integers. */
const plain = (value) => (typeof value === "bigint" ? String(value) : value);
