import { announce } from "../announce.js";
import { byId, make } from "../dom.js";
import { errorText, t } from "../texts/texts.js";
import { mayHaveTables } from "./columns.js";
import { SqlResult } from "./sql-result.js";
import { firstQuery, sqlTables } from "./sql-tables.js";

/** Rows of a result. Whoever needs others asks for them with LIMIT and OFFSET. */
const MAX_ROWS = 10_000;

/** The box for queries in SQL. It is there once a document can have tables, and lists them when it is opened. */
export class SqlBox {
  #box = byId("sql");
  #list = byId("sql-tables");
  #query = byId("sql-query");
  #run = byId("sql-run");
  #stop = byId("sql-stop");
  #outcome = byId("sql-outcome");
  #places;
  #open;
  #engine = null;
  /** How often the tables were asked for. */
  #asked = 0;
  #listed = null;
  /** The tables whose columns are shown. */
  #opened = new Set();
  #running = null;
  #result = null;

  /** @param {{ places: import("../places.js").Places, open: (span: object) => void }} options `open` shows a table in its document */
  constructor({ places, open }) {
    this.#places = places;
    this.#open = open;
    this.#box.addEventListener("toggle", () => this.#refresh());
    this.#run.addEventListener("click", () => this.#ask());
    this.#stop.addEventListener("click", () => this.#running?.abort());
    this.#query.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#running?.abort();
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.#ask();
    });
  }

  /** Sets the engine that is asked; null for none. */
  use(engine) {
    this.#running?.abort();
    this.#engine = engine;
  }

  /** Documents have come or gone. */
  change(documents) {
    this.#box.hidden = documents.length === 0 || !(this.#box.open || documents.some(mayHaveTables));
    this.#refresh();
  }

  /** Shows a query, to be changed and run. */
  show(sql) {
    this.#box.hidden = false;
    this.#box.open = true;
    this.#query.value = sql;
    this.#query.focus({ preventScroll: true });
    this.#box.scrollIntoView({ block: "start" });
  }

  /** Lists the tables anew, as long as the box is open: every document that was added since is read for it. */
  async #refresh() {
    const engine = this.#engine;
    if (!engine || !this.#box.open || this.#box.hidden) return;
    const asked = (this.#asked += 1);
    // What fails here fails again when a query is run, and is said then.
    const tables = await engine.tables().catch(() => []);
    // Another answer is newer.
    if (asked !== this.#asked || engine !== this.#engine) return;
    // Elements are replaced only when they change: one may have the focus.
    const listed = JSON.stringify(tables.map((table) => [this.#places.name(table), table]));
    if (listed === this.#listed) return;
    this.#listed = listed;
    const list = sqlTables(tables, this.#places, (text) => this.#insert(text), this.#opened);
    this.#list.replaceChildren(tables.length > 0 ? list : make("p", { class: "soft" }, t("sql.noTables")));
    this.#query.placeholder = firstQuery(tables);
  }

  /** Inserts a name where the cursor is, apart from the words around it. */
  #insert(text) {
    const { value, selectionStart, selectionEnd } = this.#query;
    const before = /[\p{L}\p{M}\p{N}_"]$/u.test(value.slice(0, selectionStart)) ? " " : "";
    this.#query.focus();
    this.#query.setRangeText(before + text, selectionStart, selectionEnd, "end");
  }

  async #ask() {
    if (!this.#engine) return;
    // The query that is suggested is run where there is none.
    this.#query.value ||= this.#query.placeholder;
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#busy(true);
    let shown;
    try {
      shown = await this.#resultOf(this.#query.value, running.signal);
    } catch (error) {
      shown = { element: problemOf(error), summary: error.code === "aborted" ? t("sql.stopped") : "" };
    }
    if (this.#running !== running) return;
    this.#running = null;
    this.#busy(false);
    this.#result?.close?.();
    this.#result = shown;
    this.#outcome.replaceChildren(shown.element);
    if (shown.summary) announce(shown.summary);
  }

  async #resultOf(sql, signal) {
    const engine = this.#engine;
    const began = performance.now();
    const result = await engine.query(sql, { limit: MAX_ROWS, signal });
    const ms = performance.now() - began;
    // The tables of the same moment, which the query has listed.
    return new SqlResult(result, { ms, tables: await engine.tables(), places: this.#places, open: this.#open });
  }

  #busy(busy) {
    const hadFocus = [this.#run, this.#stop].includes(document.activeElement);
    this.#run.hidden = busy;
    this.#stop.hidden = !busy;
    // The focused button is hidden now; the other one takes the focus.
    if (hadFocus) (busy ? this.#stop : this.#run).focus();
  }
}

function problemOf(error) {
  if (error.code === "aborted") return make("p", { class: "soft" }, t("sql.stopped"));
  return make("p", { class: "problem", role: "alert" }, errorText(error));
}
