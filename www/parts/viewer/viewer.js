import { byId, make } from "../dom.js";
import { count } from "../format.js";
import { needsPassword, passwordForm } from "../password-form.js";
import { placeHeading } from "../places.js";
import { PdfView } from "./pdf-view.js";
import { PictureView } from "./picture-view.js";
import { saveFile } from "./save-file.js";
import { TextView } from "./text-view.js";

const PDF = "application/pdf";

/** What a browser draws itself. What it cannot decode is shown as text. */
const PICTURE = /^image\/(?!svg)/;

/** The dialog that shows a document, opened at a passage: the page of a PDF, a picture, also one within a file, the text of all others. */
export class Viewer {
  #dialog = byId("viewer");
  #body = byId("viewer-body");
  #title = byId("viewer-title");
  #place = byId("viewer-place");
  #save = byId("viewer-save");
  #other = byId("viewer-other");
  #places;
  #engine = null;
  #opened = 0;
  #span = null;
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
    this.#other.addEventListener("click", () => (this.#view ? this.#showText() : this.#showDrawn()));
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
   * `start` and `end` are UTF-16 offsets into its text.
   */
  show(span) {
    this.#span = span;
    this.#title.textContent = this.#places.name(span);
    const info = this.#places.document(span.documentId);
    this.#save.hidden = !info?.hasOriginal;
    const isDrawn = info?.hasOriginal && (info.type === PDF || PICTURE.test(info.type) || this.#isWithin());
    this.#other.hidden = !isDrawn;
    if (!this.#dialog.open) this.#dialog.showModal();
    return isDrawn ? this.#showDrawn() : this.#showText();
  }

  /** Whether the passage was read in a picture within the file, or describes one. */
  #isWithin() {
    return this.#span.place?.picture !== undefined;
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
    const { place, placeText = "", text } = this.#span;
    this.#offer("Text");
    // The passage's own page, which stays while pages are turned.
    this.#place.textContent = placeText && `Passage on ${placeText}`;
    this.#say("Opening the page");
    const view = new PdfView({ page: place?.page, lastPage: place?.lastPage, text, area: place?.area }, () => this.#passage());
    this.#view = view;
    try {
      const file = await this.#original((form) => this.#body.replaceChildren(form), isWanted);
      if (!isWanted()) return;
      await view.open(file, (isWrong) => this.#pdfPassword(isWrong, isWanted), () => this.#body.replaceChildren(view.element));
      if (isWanted() && !this.#body.contains(document.activeElement)) this.#body.focus({ preventScroll: true });
    } catch (error) {
      // Its text can be shown all the same.
      if (isWanted()) await this.#showText(`The page could not be drawn (${error.message.replace(/\.$/, "")}): this is its text.`);
    }
  }

  async #showPicture() {
    const isWanted = this.#begin();
    const { place, documentName, text } = this.#span;
    this.#offer("Text");
    this.#place.textContent = "";
    this.#say("Opening the picture");
    const view = new PictureView({ area: place?.area, text, name: documentName });
    this.#view = view;
    try {
      const file = await this.#drawn((form) => this.#body.replaceChildren(form), isWanted);
      if (!isWanted()) return;
      await view.open(file, (element) => this.#body.replaceChildren(element));
      if (isWanted() && !this.#body.contains(document.activeElement)) this.#body.focus({ preventScroll: true });
    } catch (error) {
      if (isWanted()) await this.#showText(`The picture could not be shown (${error.message.replace(/\.$/, "")}): this is what was read of it.`);
    }
  }

  async #showText(note = "") {
    const isWanted = this.#begin();
    const { documentId, documentName, start, end } = this.#span;
    this.#offer(this.#places.document(documentId)?.type === PDF ? "Page" : "Picture");
    this.#place.textContent = "";
    this.#say("Opening");
    let text;
    try {
      text = await this.#engine.text(documentId);
    } catch (error) {
      const gone = error.code === "document_not_found";
      const message = gone ? `“${documentName}” has been removed since. Add it again to read it.` : error.message;
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

  /** Offers the other way to see the document. */
  #offer(what) {
    this.#other.textContent = what;
    this.#other.setAttribute("aria-label", `Show the ${what.toLowerCase()}`);
  }

  #say(text) {
    this.#body.replaceChildren(make("p", { class: "soft" }, text));
  }

  /** What the browser draws: the file of the document, or the picture within it. */
  #drawn(place, isWanted) {
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
        form.replaceWith(make("p", { class: "soft" }, "Opening the file"));
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
      if (isWanted()) place(make("p", { class: "problem", role: "alert" }, error.message));
    }
  }
}

/** What is shown, below the title: the characters, where the passage has no place that labels it. */
function extentLine(text, { start, end, place }) {
  if (start === undefined) return `${count(text.length)} characters`;
  return place ? "" : `Characters ${count(start)} to ${count(end)} of ${count(text.length)}`;
}
