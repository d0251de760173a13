import { make, makeButton } from "../dom.js";
import { t } from "../texts/texts.js";
import { scrollArea } from "./scroll-area.js";

// The sentence and the explanation come from the engine, in English.

/** Rows of an answer that are shown; all are in the table and in the query. */
const MAX_ROWS = 20;
/** What was less surely understood is shown at once. */
const SURE = 0.7;

/**
 * An answer that was computed from a table: the sentence, the values where there are several, and how it was computed.
 *
 * @param {object} event of `engine.ask`, of type "table"
 * @param {{ places: import("../places.js").Places, open: (span: object) => void, openQuery: (sql: string) => void }} actions
 */
export function tableAnswer(event, { places, open, openQuery }) {
  const { text, columns, rows } = event;
  const parts = [make("p", { class: "table-sentence" }, make("mark", { lang: "en" }, text))];
  if (rows.length > 1) parts.push(...valuesOf(columns, rows));
  parts.push(sourceOf(event, places, open), workingOf(event, openQuery));
  return make("div", { class: "table-answer" }, ...parts);
}

function valuesOf(columns, rows) {
  const side = (value) => (typeof value === "number" ? "grid-right" : "");
  const cellOf = (value) => make("td", { class: side(value) }, String(value));
  const head = make("tr", {}, ...columns.map((name, at) => make("th", { scope: "col", class: side(rows[0]?.[at]) }, name)));
  const body = rows.slice(0, MAX_ROWS).map((row) => make("tr", {}, ...row.map(cellOf)));
  const values = make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
  const table = scrollArea(make("div", { class: "table-values" }, values), t("table.values"));
  const left = rows.length - MAX_ROWS;
  return left > 0 ? [table, make("p", { class: "soft" }, t("table.moreRows", { count: left }))] : [table];
}

/** A button that opens the table at the rows that the answer was computed from. */
function sourceOf({ table, sourceRows, sourceRowCount, citations }, places, open) {
  const { documentId, documentName, name, title, placeText } = table;
  const span = { documentId, documentName, placeText, table: { name, rows: sourceRows, rowCount: sourceRowCount, cells: citations } };
  const where = [places.name(table), title].filter(Boolean).join(", ");
  const verb = sourceRowCount > 0 ? t("table.showRows", { count: sourceRowCount }) : t("table.showTable");
  const part = sourceRows.length < sourceRowCount ? t("table.partMarked", { count: sourceRows.length }) : "";
  return makeButton({ class: "plain table-source", onclick: () => open(span) }, make("span", { class: "table-verb" }, verb), `${part} ${where}`);
}

/** What was computed, in words and as SQL. */
function workingOf({ explanation, sql, confidence }, openQuery) {
  const sure = t("table.sure", { percent: Math.round(confidence * 100) });
  return make("details", { class: "retrieved working", open: confidence < SURE },
    make("summary", {}, t("table.how")),
    make("p", { lang: "en" }, explanation),
    scrollArea(make("pre", {}, make("code", {}, sql)), t("table.sqlOfAnswer")),
    makeButton({ class: "button", onclick: () => openQuery(sql) }, t("table.openInSql")),
    make("p", { class: "soft" }, sure));
}
