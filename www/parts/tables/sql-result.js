import { toCsv } from "../../pkg/client.js";
import { make, makeButton } from "../dom.js";
import { duration } from "../format.js";
import { t } from "../texts/texts.js";
import { saveFile } from "../viewer/save-file.js";
import { columnsLine, columnsOf } from "./columns.js";
import { Grid } from "./grid.js";

/** The rows of a query. A row opens what it was computed from. */
export class SqlResult {
  element = make("div", { class: "sql-result" });
  #result;
  #tables;
  #places;
  #open;
  #grid = null;
  /** The tables that a chosen row is from, where there is not just one. */
  #sources = make("div", { class: "sql-sources" });

  /**
   * @param {object} result that of `engine.query`
   * @param {{ ms: number, tables: object[], places: import("../places.js").Places, open: (span: object) => void }} options
   *   `tables` are those of the time of the query; `open` shows a table in its document
   */
  constructor(result, { ms, tables, places, open }) {
    this.#result = result;
    this.#tables = new Map(tables.map((table) => [table.name, table]));
    this.#places = places;
    this.#open = open;
    const { rows, columns, truncated } = result;
    const shown = shownColumns(result);
    this.summary = t(truncated ? "sql.foundFirst" : "sql.found", { count: rows.length, duration: duration(ms) });
    const line = [this.summary, columnsLine(shown.length, columns.length)].filter(Boolean).join(" ");
    const saved = truncated ? t("sql.downloadFirst", { count: rows.length }) : t("sql.download");
    const save = makeButton({ class: "button", onclick: () => this.#save() }, saved);
    this.element.append(make("div", { class: "sql-line" }, make("p", {}, line), save));
    if (rows.length > 0) this.element.append(this.#makeGrid(shown), this.#sources);
  }

  close() {
    this.#grid?.close();
  }

  #makeGrid(columns) {
    const { rows, sources } = this.#result;
    const content = (values, row) => ({ row, cells: values.map((value) => (value === null ? null : String(value))) });
    this.#grid = new Grid({
      label: t("sql.result"),
      columns,
      total: rows.length,
      fetch: async (start, limit) => rows.slice(start, start + limit).map((values, at) => content(values, start + at)),
      failed: () => {},
      openRow: {
        label: t("sql.sourceOfRow"),
        has: (row) => sources[row]?.some(({ rowCount }) => rowCount > 0) ?? false,
        open: (row) => this.#openSources(row),
      },
    });
    return this.#grid.element;
  }

  /** Opens the table that a row is from; where it is from several, offers them. */
  #openSources(row) {
    const sources = this.#result.sources[row].filter(({ table, rowCount }) => rowCount > 0 && this.#isThere(table));
    this.#sources.replaceChildren();
    if (sources.length === 1) {
      this.#openSource(sources[0]);
      return;
    }
    if (sources.length === 0) {
      this.#sources.append(make("p", { role: "alert" }, t("sql.sourceRemoved", { number: row + 1 })));
      return;
    }
    const buttons = sources.map((source) => makeButton({ class: "button", onclick: () => this.#openSource(source) },
      `${source.table}, ${t("count.rows", { count: source.rowCount })}`));
    this.#sources.append(make("p", {}, t("sql.sources", { number: row + 1 })), ...buttons);
    buttons[0].focus();
  }

  #isThere(table) {
    const { documentId } = this.#tables.get(table) ?? {};
    return this.#places.document(documentId) !== undefined;
  }

  #openSource({ table, rows, rowCount, columns }) {
    const { documentId, documentName } = this.#tables.get(table);
    this.#open({ documentId, documentName, table: { name: table, rows, rowCount, columns } });
  }

  #save() {
    const { columns, rows } = this.#result;
    // Spreadsheets take a file with a byte order mark for UTF-8.
    saveFile(new File(["\uFEFF", toCsv(columns, rows)], t("sql.fileName"), { type: "text/csv" }));
  }
}

/** The columns of a result that are shown. What holds numbers alone is a column of numbers. */
function shownColumns({ columns, rows }) {
  const isNumber = (at) => rows.some((row) => row[at] !== null) && rows.every((row) => row[at] === null || typeof row[at] !== "string");
  return columnsOf({ columns: columns.map((name) => ({ name })) }).map((column) => ({ ...column, isNumber: isNumber(column.at) }));
}
