import { announce } from "../announce.js";
import { make, makeButton } from "../dom.js";
import { count } from "../format.js";
import { t } from "../texts/texts.js";
import { widthOf } from "./columns.js";
import { gridRow } from "./grid-row.js";
import { RowBlocks } from "./row-blocks.js";
import { RowStop } from "./row-stop.js";
import { nearestScrollTop, pageOf, scrollTopOf, windowOf } from "./row-window.js";

/** The height of a row, in pixels, until one was measured. */
const ROW_HEIGHT = 32;

/**
 * A table that scrolls in itself. Only the rows in sight are in the document, all of one height, and they are fetched as
 * they come into sight: a table may have a million.
 */
export class Grid {
  element = make("div", { class: "grid", role: "region", tabIndex: 0 });
  #options;
  #head = make("thead");
  #body = make("tbody");
  #widths = make("colgroup");
  #table = make("table", {}, this.#widths, this.#head, this.#body);
  #before = spacer();
  #after = spacer();
  #blocks = null;
  /** The rows that are in the document, by their positions. */
  #rows = new Map();
  #stop = new RowStop(this.#rows, (position) => this.#reveal(position));
  #sort = { column: null, descending: false };
  #rowHeight = ROW_HEIGHT;
  #hasWidths = false;
  #willDraw = false;
  /** The column that is scrolled to; -1 for none. */
  #shownColumn = -1;
  #observer = new ResizeObserver(() => this.#draw());

  /**
   * @param {{ label: string, columns: { name: string, at: number, hint?: string, isNumber: boolean }[], total: number,
   *   fetch: (start: number, limit: number, order: object) => Promise<{ row: number, cells: (string | null)[] }[]>,
   *   failed: (error: Error) => void, canSort?: boolean, marks?: import("./marks.js").Marks | null,
   *   openRow?: { label: string, has: (row: number) => boolean, open: (row: number) => void } }} options
   *   `at` is the number of a column in `cells`; `openRow` is what choosing a row does
   */
  constructor(options) {
    this.#options = options;
    const { label, total, columns } = options;
    this.element.setAttribute("aria-label", label);
    this.#table.setAttribute("aria-rowcount", String(total + 1));
    const number = make("th", { class: "grid-number", scope: "col" }, make("span", { class: "visually-hidden" }, t("table.row")));
    this.#head.append(make("tr", { "aria-rowindex": "1" }, number, ...columns.map((column, at) => this.#headCell(column, at))));
    this.#body.append(this.#before, this.#after);
    this.element.append(this.#table);
    this.#setWidths([]);
    this.#restart();
    this.element.addEventListener("scroll", () => this.#drawSoon(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.#useKey(event));
    this.#body.addEventListener("focusin", ({ target }) => this.#stop.focused(target));
    this.#observer.observe(this.element);
  }

  /** Fetches nothing more. */
  close() {
    this.#observer.disconnect();
    this.#blocks.end();
  }

  /** Scrolls to the row with this number, in the order of the document, and to a column, if any. */
  scrollTo(row, column) {
    if (this.#sort.column !== null) this.#sortBy(null);
    this.#draw();
    this.element.scrollTop = scrollTopOf(row, this.#view());
    this.#draw();
    this.#shownColumn = this.#options.columns.findIndex(({ name }) => name === column);
    this.#scrollToColumn();
  }

  /** Scrolls sideways as far as the column needs it. The numbers of the rows stand over what is below them. */
  #scrollToColumn() {
    const [number, ...cells] = this.#head.rows[0].cells;
    const cell = cells[this.#shownColumn];
    if (!cell) return;
    const right = cell.offsetLeft + cell.offsetWidth - this.element.clientWidth;
    const left = cell.offsetLeft - number.offsetWidth;
    this.element.scrollLeft = Math.min(left, Math.max(right, this.element.scrollLeft));
  }

  focus() {
    this.element.focus({ preventScroll: true });
  }

  /** The browser's own keys for a page would skip rows of a very long table; the others serve as they are. */
  #useKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const pages = this.#pagesOf(event);
    if (pages === 0 && !this.#stop.key(event)) return;
    event.preventDefault();
    if (pages !== 0) this.element.scrollTop += pages * pageOf(this.#view());
  }

  /** On a button, the space bar is for the button. */
  #pagesOf({ key, shiftKey, target }) {
    if (key === " " && target === this.element) return shiftKey ? -1 : 1;
    return { PageUp: -1, PageDown: 1 }[key] ?? 0;
  }

  #reveal(position) {
    this.element.scrollTop = nearestScrollTop(position, this.#view());
    this.#draw();
  }

  #headCell({ name, hint = "", isNumber }, at) {
    const parts = [make("span", { class: "grid-name" }, name), ...(hint ? [make("span", { class: "grid-hint" }, hint)] : [])];
    const content = this.#options.canSort ? [makeButton({ class: "plain", onclick: () => this.#nextOrder(at) }, ...parts)] : parts;
    return make("th", { scope: "col", title: hint ? `${name}: ${hint}` : name, class: isNumber ? "grid-right" : "" }, ...content);
  }

  /** Ascending, descending, the order of the document. */
  #nextOrder(at) {
    const { column, descending } = this.#sort;
    if (column !== at) this.#sortBy(at);
    else if (!descending) this.#sortBy(at, true);
    else this.#sortBy(null);
    this.#announceOrder();
  }

  #announceOrder() {
    const { column, descending } = this.#sort;
    if (column === null) announce(t("table.documentOrder"));
    else announce(t(descending ? "table.descending" : "table.ascending", { column: this.#options.columns[column].name }));
  }

  #sortBy(column, descending = false) {
    this.#sort = { column, descending };
    [...this.#head.rows[0].cells].slice(1).forEach((cell, at) => {
      if (at === column) cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
    this.element.scrollTop = 0;
    this.#restart();
    this.#draw();
  }

  /** Takes all rows out of the document; they are fetched again. */
  #restart() {
    this.#blocks?.end();
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
    const { fetch, columns, failed } = this.#options;
    const { column, descending } = this.#sort;
    const order = column === null ? {} : { orderBy: columns[column].name, descending };
    this.#blocks = new RowBlocks((start, limit) => fetch(start, limit, order), { changed: () => this.#draw(), failed });
  }

  #drawSoon() {
    if (this.#willDraw) return;
    this.#willDraw = true;
    requestAnimationFrame(() => {
      this.#willDraw = false;
      this.#draw();
    });
  }

  /** Makes the rows in sight, and removes the others. */
  #draw() {
    if (!this.element.isConnected) return;
    this.#measure();
    const { first, end, top, before, after } = windowOf(this.#view());
    this.#before.cells[0].style.height = `${before}px`;
    this.#after.cells[0].style.height = `${after}px`;
    this.#chooseWidths(first, end);
    for (const [position, row] of this.#rows) {
      if (position < first || position >= end) this.#drop(position, row);
    }
    let next = this.#before.nextElementSibling;
    for (let position = first; position < end; position += 1) {
      const { row, replaced } = this.#rowAt(position);
      if (replaced && replaced === next) next = next.nextElementSibling;
      replaced?.remove();
      if (row === next) next = next.nextElementSibling;
      else this.#body.insertBefore(row, next);
    }
    this.#stop.update(top);
    this.#blocks.want(first, end);
  }

  #view() {
    const viewHeight = Math.max(0, this.element.clientHeight - this.#head.offsetHeight);
    return { total: this.#options.total, rowHeight: this.#rowHeight, viewHeight, scrollTop: this.element.scrollTop, pixelRatio: devicePixelRatio };
  }

  /** Rows are higher where the user's letters are larger. */
  #measure() {
    const [row] = this.#rows.values();
    const height = row?.getBoundingClientRect().height;
    if (height > 0) this.#rowHeight = height;
  }

  /** The row at a position, and the empty one that it replaces once its content is here. */
  #rowAt(position) {
    const made = this.#rows.get(position);
    const content = this.#blocks.at(position);
    if (made && (made.dataset.row !== undefined || !content)) return { row: made };
    const row = gridRow(position, content, this.#options);
    this.#rows.set(position, row);
    return { row, replaced: made };
  }

  /** The focus of a row that goes would be lost: the grid takes it. */
  #drop(position, row) {
    if (row.contains(document.activeElement)) this.focus();
    row.remove();
    this.#rows.delete(position);
  }

  /** Chooses the widths of columns by the first rows that are seen, once. */
  #chooseWidths(first, end) {
    if (this.#hasWidths) return;
    const rows = Array.from({ length: end - first }, (_, at) => this.#blocks.at(first + at)).filter(Boolean);
    if (rows.length === 0) return;
    this.#hasWidths = true;
    this.#setWidths(rows);
    this.#scrollToColumn();
  }

  #setWidths(rows) {
    const { columns, total } = this.#options;
    const ofColumns = columns.map(({ name, hint = "", at }) => widthOf([`${name}   `, hint, ...rows.map(({ cells }) => cells[at] ?? "")]));
    const widths = [widthOf([count(total)], 2), ...ofColumns];
    this.#widths.replaceChildren(...widths.map((width) => {
      const column = make("col");
      column.style.width = `${width}ch`;
      return column;
    }));
    this.#table.style.width = `${widths.reduce((sum, width) => sum + width, 0)}ch`;
    this.element.style.setProperty("--number-width", `${widths[0]}ch`);
  }
}

/** Stands for the rows before or after those in sight. */
const spacer = () => make("tr", { class: "grid-spacer", "aria-hidden": "true" }, make("td"));
