import { byId, make, makeButton } from "../dom.js";
import { errorText, placeTextOf, t } from "../texts/texts.js";
import { columnsLine, columnsOf, headingOf } from "./columns.js";
import { Grid } from "./grid.js";
import { Marks } from "./marks.js";

/** The tables of a document, one at a time. The rows that an answer was computed from are marked. */
export class TableView {
  element = make("div", { class: "table-view" });
  #engine;
  #tables;
  #source;
  #marked = 0;
  #grid = null;
  #tell;

  /**
   * @param {import("../../pkg/client.js").Engine} engine
   * @param {object[]} tables those of the document
   * @param {{ name: string, rows?: number[], rowCount?: number, columns?: string[], cells?: object[], isPassage?: boolean }
   *   | undefined} source the table to begin with, and what is marked in it: what was computed from, or a passage
   * @param {(text: string) => void} tell is called with what is shown
   */
  constructor(engine, tables, source, tell) {
    this.#engine = engine;
    this.#tables = tables;
    this.#source = source;
    this.#tell = tell;
  }

  /** Shows the first table, once `element` is in the document. */
  open() {
    this.#show(this.#tables.find(({ name }) => name === this.#source?.name) ?? this.#tables[0]);
    this.#grid.focus();
  }

  close() {
    this.#grid?.close();
  }

  /** Keys scroll the table. */
  key() {
    return false;
  }

  #show(table) {
    this.#grid?.close();
    const marks = table.name === this.#source?.name && this.#source.rows?.length > 0 ? new Marks(this.#source) : null;
    const columns = columnsOf(table, marks?.columns);
    this.#grid = new Grid({
      label: headingOf(table),
      columns,
      total: table.rows,
      fetch: async (start, limit, order) => (await this.#engine.tableRows(table.name, { start, limit, ...order })).rows,
      failed: (error) => this.element.prepend(make("p", { class: "problem", role: "alert" }, errorText(error))),
      canSort: true,
      marks,
    });
    this.element.replaceChildren(...this.#chooser(table), ...this.#sourceBar(marks), this.#grid.element);
    const line = [table.title || placeTextOf(table), t("count.rows", { count: table.rows })].filter(Boolean).join(", ");
    this.#tell([line, columnsLine(columns.length, table.columns.length)].filter(Boolean).join(". "));
    if (marks) this.#goTo(marks, 0);
  }

  /** A list of all tables, where there are several. */
  #chooser(shown) {
    if (this.#tables.length === 1) return [];
    const options = this.#tables.map((table) => make("option", { value: table.name, selected: table === shown }, headingOf(table)));
    const onchange = ({ target }) => {
      this.#show(this.#tables.find(({ name }) => name === target.value));
      byId("table-chooser").focus();
    };
    return [make("label", { class: "table-choice" }, `${t("table.choose")} `, make("select", { id: "table-chooser", onchange }, ...options))];
  }

  /** Says how many rows are marked, and goes from one to the next. */
  #sourceBar(marks) {
    if (!marks) return [];
    const { rows } = marks;
    const line = make("span", {}, this.#source.isPassage ? passageLine(marks) : markedLine(marks));
    const button = (label, text, by) =>
      makeButton({ class: "button", "aria-label": label, title: label, onclick: () => this.#goTo(marks, this.#marked + by) }, text);
    const buttons = rows.length > 1 ? [button(t("table.previousMarked"), "↑", -1), button(t("table.nextMarked"), "↓", 1)] : [];
    return [make("p", { class: "table-source-bar" }, line, ...buttons)];
  }

  #goTo(marks, at) {
    const { rows } = marks;
    this.#marked = (at + rows.length) % rows.length;
    this.#grid.scrollTo(rows[this.#marked], marks.columnOf(rows[this.#marked]));
  }
}

/** "The passage is row 12, which is marked." */
function passageLine({ rows }) {
  return rows.length === 1 ? t("table.passageRow", { number: rows[0] + 1 }) : t("table.passageRows", { count: rows.length });
}

/** "Computed from 12 rows, which are marked." */
function markedLine({ rows, rowCount }) {
  return t(rows.length < rowCount ? "table.computedFromMarked" : "table.computedFrom", { count: rowCount, marked: rows.length });
}
