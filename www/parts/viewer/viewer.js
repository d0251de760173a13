import { byId, make } from "../dom.js";
import { needsPassword, passwordForm } from "../password-form.js";
import { placeHeading } from "../places.js";
import { isTables, mayHaveTables } from "../tables/columns.js";
import { passageRows } from "../tables/passage-rows.js";
import { TableView } from "../tables/table-view.js";
import { errorText, placeTextOf, t } from "../texts/texts.js";
import { PdfView } from "./pdf-view.js";
import { PictureView } from "./picture-view.js";
import { saveFile } from "./save-file.js";
import { TextView } from "./text-view.js";

const PDF = "application/pdf";

/** The ways to see a document: what the button is labelled with, and what it is called. */
const OTHERS = {
  text: [t("viewer.text"), t("viewer.showText")],
  page: [t("viewer.page"), t("viewer.showPage")],
  picture: [t("viewer.picture"), t("viewer.showPicture")],
};

/** What a browser draws itself. What it cannot decode is shown as text. */
const PICTURE = /^image\/(?!svg)/;

/**
 * The dialog that shows a document, opened at a passage: the page of a PDF, a picture, also one within a file, the text of
 * all others. The tables of a document are shown as such.
 */
export class Viewer {
  #dialog = byId("viewer");
  #body = byId("viewer-body");
  #title = byId("viewer-title");
  #place = byId("viewer-place");
  #save = byId("viewer-save");
  #other = byId("viewer-other");
  #asTable = byId("viewer-table");
  #places;
  #engine = null;
  #opened = 0;
  #span = null;
  /** Whether the document is known to have tables. */
  #hasTables = false;
  /** What draws the document. */
  #view = null;
  /** What a file that is saved asks for, or why it was not saved. */
  #notice = make("div");
  /** Passwords that were typed, by the ids of the documents whose files they open, for as long as the page is open. */
  #passwords = new Map();

  /** @param {import("../places.js").Places} places */
  constructor(places) {
    this.#places = places;
    byId("viewer-close").addEventListener("click", () => this.#dialog.close());
    this.#save.addEventListener("click", () => this.#saveFile());
    this.#other.addEventListener("click", () => this.#showOther());
    this.#asTable.addEventListener("click", () => this.#showTables());
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input")) return;
      if (this.#view?.key(event.key)) event.preventDefault();
    });
    this.#dialog.addEventListener("close", () => {
      this.#begin();
      this.#body.replaceChildren();
    });
  }

  /** Sets the engine whose documents are shown. */
  use(engine) {
    this.#engine = engine;
  }

  /**
   * Shows a document: a passage or a citation of it, or the whole, with `documentId` and `documentName` alone.
   * `start` and `end` are UTF-16 offsets into its text. `table` is a table of it, with the rows that are marked there: see
   * `TableView`.
   */
  async show(span) {
    this.#span = span;
    this.#title.textContent = this.#places.name(span);
    const info = this.#places.document(span.documentId);
    this.#save.hidden = !info?.hasOriginal;
    this.#hasTables = false;
    if (!this.#dialog.open) this.#dialog.showModal();
    const isTable = span.table || (isTables(info) && span.start === undefined);
    const mayBeRows = isTables(info) && span.place?.rows !== undefined;
    if ((isTable || mayBeRows) && (await this.#showTables({ onlyAtRows: !isTable }))) return;
    await Promise.all([this.#showOther(), this.#offerTables()]);
  }

  /** Whether the browser draws the document itself. */
  get #isDrawn() {
    const info = this.#places.document(this.#span.documentId);
    return Boolean(info?.hasOriginal) && (info.type === PDF || PICTURE.test(info.type) || this.#isWithin());
  }

  /** Whether the passage was read in a picture within the file, or describes one. */
  #isWithin() {
    return this.#span.place?.picture !== undefined;
  }

  /** What is not shown now: what the browser draws, or the text. */
  #showOther() {
    const isDrawnNow = this.#view !== null && !(this.#view instanceof TableView);
    return this.#isDrawn && !isDrawnNow ? this.#showDrawn() : this.#showText();
  }

  /** Shows the tables of the document. Resolves to whether it has any, and a passage, with `onlyAtRows`, is rows of one. */
  async #showTables({ onlyAtRows = false } = {}) {
    const isWanted = this.#begin();
    this.#place.textContent = "";
    this.#say(t("viewer.openingTable"));
    const tables = await this.#tables();
    const source = this.#span.table ?? (await this.#passageRows(tables));
    if (!isWanted()) return true;
    if (tables.length === 0 || (onlyAtRows && !source)) return false;
    const view = new TableView(this.#engine, tables, source, (line) => (this.#place.textContent = line));
    this.#view = view;
    this.#hasTables = true;
    this.#offer(this.#isDrawn ? this.#drawn : "text");
    this.#body.replaceChildren(view.element);
    view.open();
    return true;
  }

  /** Offers to show the tables of the document, once it is known that it has some. They are known once all documents were read. */
  async #offerTables() {
    const span = this.#span;
    if (!mayHaveTables(this.#places.document(span.documentId)) && !span.place?.rows) return;
    const tables = await this.#tables();
    if (span !== this.#span) return;
    this.#hasTables = tables.length > 0;
    this.#showButtons();
  }

  /** The tables of the document. */
  async #tables() {
    const { documentId } = this.#span;
    // A document can be read though its tables cannot.
    const tables = await this.#engine.tables().catch(() => []);
    return tables.filter((table) => table.documentId === documentId);
  }

  /** The rows that the passage is, where they are known. */
  #passageRows(tables) {
    return passageRows(this.#engine, tables, this.#span).catch(() => undefined);
  }

  #showDrawn() {
    return this.#places.document(this.#span.documentId)?.type === PDF ? this.#showPages() : this.#showPicture();
  }

  /** Ends what is shown. Returns whether what begins now is still wanted, to ask later. */
  #begin() {
    const opened = (this.#opened += 1);
    this.#view?.close();
    this.#view = null;
    return () => opened === this.#opened;
  }

  async #showPages() {
    const isWanted = this.#begin();
    const { place, text } = this.#span;
    const placeText = placeTextOf(this.#span);
    this.#offer("text");
    // The passage's own page, which stays while pages are turned.
    this.#place.textContent = placeText && t("viewer.passageOn", { place: placeText });
    this.#say(t("viewer.openingPage"));
    const view = new PdfView({ page: place?.page, lastPage: place?.lastPage, text, area: place?.area }, () => this.#passage());
    this.#view = view;
    try {
      const file = await this.#original((form) => this.#body.replaceChildren(form), isWanted);
      if (!isWanted()) return;
      await view.open(file, (isWrong) => this.#pdfPassword(isWrong, isWanted), () => this.#body.replaceChildren(view.element));
      if (isWanted() && !this.#body.contains(document.activeElement)) this.#body.focus({ preventScroll: true });
    } catch (error) {
      // Its text can be shown all the same.
      if (isWanted()) await this.#showText(t("viewer.pageNotDrawn", { problem: withoutStop(error) }));
    }
  }

  async #showPicture() {
    const isWanted = this.#begin();
    const { place, documentName, text } = this.#span;
    this.#offer("text");
    this.#place.textContent = "";
    this.#say(t("viewer.openingPicture"));
    const view = new PictureView({ area: place?.area, text, name: documentName });
    this.#view = view;
    try {
      const file = await this.#pictureFile((form) => this.#body.replaceChildren(form), isWanted);
      if (!isWanted()) return;
      await view.open(file, (element) => this.#body.replaceChildren(element));
      if (isWanted() && !this.#body.contains(document.activeElement)) this.#body.focus({ preventScroll: true });
    } catch (error) {
      if (isWanted()) await this.#showText(t("viewer.pictureNotShown", { problem: withoutStop(error) }));
    }
  }

  async #showText(note = "") {
    const isWanted = this.#begin();
    const { documentId, documentName, start, end } = this.#span;
    this.#offer(this.#drawn);
    this.#place.textContent = "";
    this.#say(t("viewer.opening"));
    let text;
    try {
      text = await this.#engine.text(documentId);
    } catch (error) {
      const gone = error.code === "document_not_found";
      const message = gone ? t("viewer.removed", { name: documentName }) : errorText(error);
      if (isWanted()) this.#body.replaceChildren(make("p", { class: "problem", role: "alert" }, message));
      return;
    }
    // It was closed, or another document was opened, while the text was read.
    if (!isWanted()) return;
    const place = placeHeading(this.#span);
    const view = new TextView(text, { start, end, place }, this.#body);
    const notes = note ? [make("p", { class: "soft viewer-note" }, note)] : [];
    this.#body.replaceChildren(...notes, ...view.elements);
    this.#place.textContent = extentLine(text, { start, end, place });
    view.focus();
  }

  /** The passage by itself, as it was read. */
  #passage() {
    return make("blockquote", { class: "viewer-text" }, make("mark", {}, this.#span.text));
  }

  /** What the browser draws of the document. */
  get #drawn() {
    return this.#places.document(this.#span.documentId)?.type === PDF ? "page" : "picture";
  }

  /** Offers the other way to see the document. @param {"text" | "page" | "picture"} what */
  #offer(what) {
    const [label, name] = OTHERS[what];
    this.#other.textContent = label;
    this.#other.setAttribute("aria-label", name);
    this.#showButtons();
  }

  #showButtons() {
    const isTable = this.#view instanceof TableView;
    this.#other.hidden = !isTable && !this.#isDrawn;
    this.#asTable.hidden = isTable || !this.#hasTables;
  }

  #say(text) {
    this.#body.replaceChildren(make("p", { class: "soft" }, text));
  }

  /** What the browser draws: the file of the document, or the picture within it. */
  #pictureFile(place, isWanted) {
    const { documentId, place: { picture } = {} } = this.#span;
    const isPdf = this.#places.document(documentId)?.type === PDF;
    if (isPdf || picture === undefined) return this.#original(place, isWanted);
    return this.#withPassword((options) => this.#engine.picture(documentId, picture, options), place, isWanted);
  }

  /** The file of the document. */
  #original(place, isWanted) {
    return this.#withPassword((options) => this.#engine.original(this.#span.documentId, options), place, isWanted);
  }

  /** What `read` resolves to. A member is taken out of its container, whose password is asked for. */
  async #withPassword(read, place, isWanted) {
    const { documentId, documentName } = this.#span;
    const info = this.#places.document(documentId);
    const protectedId = info?.container ?? documentId;
    const name = this.#places.document(protectedId)?.name ?? documentName;
    for (;;) {
      try {
        return await read({ password: this.#passwords.get(protectedId) });
      } catch (error) {
        if (!needsPassword(error) || !isWanted()) throw error;
        this.#passwords.set(protectedId, await this.#askPassword(name, error, place));
      }
    }
  }

  /** The password of a PDF that is drawn: the one that opened it before, or the one that is typed. */
  async #pdfPassword(isWrong, isWanted) {
    const { documentId, documentName } = this.#span;
    if (!isWrong && this.#passwords.has(documentId)) return this.#passwords.get(documentId);
    if (!isWanted()) return new Promise(() => {});
    const error = { code: isWrong ? "wrong_password" : "password_required" };
    const password = await this.#askPassword(documentName, error, (form) => this.#body.replaceChildren(form));
    this.#passwords.set(documentId, password);
    return password;
  }

  /** Asks for a password in a form that `place` puts into the dialog. Resolves to what was typed. */
  #askPassword(name, error, place) {
    return new Promise((resolve) => {
      const form = passwordForm(name, error, (password) => {
        this.#body.focus({ preventScroll: true });
        form.replaceWith(make("p", { class: "soft" }, t("viewer.openingFile")));
        resolve(password);
      });
      place(form);
      form.querySelector("input").focus();
    });
  }

  async #saveFile() {
    const opened = this.#opened;
    const isWanted = () => opened === this.#opened;
    const place = (content) => {
      this.#notice.replaceChildren(content);
      this.#body.prepend(this.#notice);
    };
    try {
      const file = await this.#original(place, isWanted);
      if (!isWanted()) return;
      this.#notice.remove();
      saveFile(file);
    } catch (error) {
      if (isWanted()) place(make("p", { class: "problem", role: "alert" }, errorText(error)));
    }
  }
}

/** What went wrong, to stand within a sentence. */
const withoutStop = (error) => errorText(error).replace(/\.$/, "");

/** What is shown, below the title: the characters, where the passage has no place that labels it. */
function extentLine(text, { start, end, place }) {
  if (start === undefined) return t("viewer.characters", { count: text.length });
  return place ? "" : t("viewer.characterRange", { start, end, count: text.length });
}
