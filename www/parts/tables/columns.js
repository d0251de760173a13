// What the page says of a table and its columns.

import { t } from "../texts/texts.js";

const TYPES = {
  integer: t("table.number"),
  decimal: t("table.number"),
  money: t("table.money"),
  percent: t("table.percent"),
  date: t("table.date"),
  boolean: t("table.boolean"),
  text: t("table.text"),
};
const NUMBERS = new Set(["integer", "decimal", "money", "percent"]);

/** Media types of files that can have tables, and of those that are tables before all. */
const WITH_TABLES = /csv|tab-separated-values|spreadsheet|excel|sqlite|html|markdown|pdf|word|opendocument|presentation|powerpoint|rtf|epub|json|yaml/;
const TABLES = /csv|tab-separated-values|spreadsheet|excel|sqlite/;

/** Columns that a grid shows. Each costs the page an element a row. */
const MAX_COLUMNS = 200;
/** Characters of a cell that a grid shows. The text of the document has all. */
const MAX_CHARS = 300;
const LINE_ENDS = /[\r\n\v\f\u0085\u2028\u2029]+/g;

/** Characters of a column, at least and at most: longer texts are cut in sight. */
const [NARROWEST, WIDEST] = [6, 36];
/** The space around them. */
const SPACE = 3;
/** Letters that are twice as wide as a digit. */
const WIDE = /[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60]/g;

/** Whether a document can have tables: those of others are shown where an answer leads to them. */
export const mayHaveTables = (info) => WITH_TABLES.test(info?.type);

/** Whether a document is its tables. */
export const isTables = (info) => TABLES.test(info?.type);

/**
 * The columns of a table that a grid shows, each with its number in the table: the first, and those of `marked`.
 *
 * @param {Set<string>} [marked] names of columns
 */
export const columnsOf = ({ columns }, marked = new Set()) =>
  columns
    .map(({ name, type, unit }, at) => ({ name, at, hint: hintOf({ type, unit }), isNumber: NUMBERS.has(type) }))
    .filter(({ name, at }) => at < MAX_COLUMNS || marked.has(name));

/** Says that a table has more columns than are shown; empty where it has not. */
export const columnsLine = (shown, all) => (shown < all ? t("table.columnsShown", { shown, count: all }) : "");

/** A cell as a grid shows it: on a line, and cut where it is long. */
export function shownCell(text) {
  const line = text.slice(0, MAX_CHARS).replace(LINE_ENDS, " ");
  // Half of a character is none.
  return text.length > MAX_CHARS ? `${line.replace(/[\ud800-\udbff]$/, "")}…` : line;
}

/** "money, €", "date" */
export const hintOf = ({ type, unit }) => [TYPES[type] ?? type, unit].filter(Boolean).join(", ");

/** "Harvest 2024, 40 rows" */
export const headingOf = ({ title, name, rows }) => `${title || name}, ${t("count.rows", { count: rows })}`;

/** How wide a column is, in the width of a digit, to hold these texts. */
export function widthOf(texts, narrowest = NARROWEST) {
  const lengths = texts.map((text) => shownCell(text)).map((text) => text.length + (text.match(WIDE)?.length ?? 0));
  return Math.min(WIDEST, Math.max(narrowest, ...lengths)) + SPACE;
}
