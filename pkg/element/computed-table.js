import { make } from "./make.js";
import { fill } from "./texts.js";

/** Rows that are shown; the sentence speaks of all. */
const MAX_ROWS = 10;

/**
 * An answer that was computed from a table: the sentence, the values where there are several, and how it was computed.
 *
 * @param {object} event of `engine.ask`, of type "table"
 * @param {import("./citations.js").Citations} citations
 */
export function computedTable({ text, explanation, sql, table, columns, rows, citations: cells }, citations, texts) {
  const source = cells[0] ?? { documentId: table.documentId, documentName: table.documentName, start: 0, end: 0, text: "" };
  const title = [citations.line({ ...source, place: table.place }), table.title].filter(Boolean).join(", ");
  const parts = [make("p", { class: "sentence", part: "short-answer", dir: "auto" }, text)];
  if (rows.length > 1 || columns.length > 1) parts.push(...valuesOf(columns, rows, texts));
  parts.push(
    make("p", { class: "source-line" }, citations.control(source, { class: "source", part: "source" }, title)),
    make("details", { dir: "auto" }, make("summary", {}, texts.computedHow), make("p", {}, explanation), make("pre", {}, make("code", {}, sql))),
  );
  return make("div", {}, make("p", { class: "kind" }, texts.computed), ...parts);
}

function valuesOf(columns, rows, texts) {
  const cell = (tag, value, at, attributes) => make(tag, { ...attributes, class: typeof rows[0]?.[at] === "number" && "number-cell" }, String(value));
  const head = make("tr", {}, ...columns.map((name, at) => cell("th", name, at, { scope: "col" })));
  const body = rows.slice(0, MAX_ROWS).map((row) => make("tr", {}, ...row.map((value, at) => cell("td", value, at))));
  const box = make("div", { class: "table-box", tabindex: 0, role: "group", "aria-label": texts.computed },
    make("table", { part: "table" }, make("thead", {}, head), make("tbody", {}, ...body)));
  const left = rows.length - MAX_ROWS;
  return left > 0 ? [box, make("p", { class: "soft" }, fill(texts.moreRows, { count: left }))] : [box];
}
