import { make, makeButton } from "../dom.js";
import { errorText, t } from "../texts/texts.js";
import { drawPage } from "./pdf-page.js";
import { openPdf, pdfjs } from "./pdfjs.js";

const ZOOMS = [1, 1.25, 1.5, 2, 3];
/** A window is drawn anew once its size has been the same for this time. */
const RESIZE_MS = 150;

/** A PDF, one page at a time. The passage that is cited is marked where it is found. */
export class PdfView {
  #bar = make("div", { class: "pdf-bar", role: "group", "aria-label": t("viewer.pages") });
  #label = make("span", { class: "pdf-number", "aria-live": "polite" });
  #note = make("p", { class: "pdf-note soft", hidden: true });
  #quote = make("div", { class: "pdf-quote" });
  #sheet = make("div", { class: "pdf-sheet" });
  #buttons = {};
  #task;
  #pdf;
  #span;
  #page;
  #zoom = 0;
  #width = 0;
  #timer = 0;
  #drawing = new AbortController();
  #resized = new ResizeObserver(() => this.#onResize());
  #notFound;

  /**
   * @param {{ page?: number, lastPage?: number, text?: string, area?: object }} span the cited passage, the pages it is on, and
   *   where on the page it is, where that is known
   * @param {() => Node} notFound what is shown above the page where the passage is not found on it
   */
  constructor({ page = 1, lastPage = page, text, area }, notFound) {
    this.#span = { page, lastPage, text, area };
    this.#notFound = notFound;
    const button = (name, label, text, keys, onclick) =>
      (this.#buttons[name] = makeButton({ class: "button", "aria-label": label, "aria-keyshortcuts": keys, title: label, onclick }, text));
    this.#bar.append(
      button("previous", t("viewer.previousPage"), "←", "ArrowLeft", () => this.#turn(-1)),
      this.#label,
      button("next", t("viewer.nextPage"), "→", "ArrowRight", () => this.#turn(1)),
      button("smaller", t("viewer.smaller"), "−", "-", () => this.#zoomBy(-1)),
      button("larger", t("viewer.larger"), "+", "+", () => this.#zoomBy(1)),
    );
    this.element = make("div", { class: "pdf" }, this.#bar, this.#note, this.#quote, this.#sheet);
  }

  /** Opens the file, and draws the page of the passage once `element` is in the document. */
  async open(file, askPassword, place) {
    this.#task = await openPdf(file, askPassword);
    // It was closed while the library was fetched.
    if (this.#drawing.signal.aborted) return this.close();
    this.#pdf = await this.#task.promise;
    place(this.element);
    this.#page = Math.min(Math.max(1, this.#span.page), this.#pdf.numPages);
    await this.#draw();
    // A screen reader reads the passage first, and arrow keys scroll from it.
    this.#sheet.querySelector(".pdf-box")?.focus({ preventScroll: true });
    this.#resized.observe(this.element);
  }

  /** Ends all work on the file. */
  close() {
    this.#resized.disconnect();
    clearTimeout(this.#timer);
    this.#drawing.abort();
    this.#task?.destroy();
  }

  /** Turns or enlarges the page by a key. Returns whether the key means that. */
  key(key) {
    if (!this.#pdf) return false;
    if (key === "ArrowLeft" || key === "ArrowRight") {
      // A page wider than the window is scrolled by these keys.
      if (this.#zoom > 0) return false;
      this.#turn(key === "ArrowLeft" ? -1 : 1);
    } else if (key === "+" || key === "=") this.#zoomBy(1);
    else if (key === "-") this.#zoomBy(-1);
    else return false;
    return true;
  }

  #turn(by) {
    const page = this.#page + by;
    if (page < 1 || page > this.#pdf.numPages) return;
    this.#page = page;
    this.#draw();
  }

  #zoomBy(by) {
    const zoom = this.#zoom + by;
    if (zoom < 0 || zoom >= ZOOMS.length) return;
    this.#zoom = zoom;
    this.#draw();
  }

  #onResize() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (Math.abs(this.element.clientWidth - this.#width) >= 2) this.#draw();
    }, RESIZE_MS);
  }

  async #draw() {
    this.#drawing.abort();
    const drawing = (this.#drawing = new AbortController());
    this.#showNumber();
    try {
      this.#width = this.element.clientWidth;
      const page = await this.#pdf.getPage(this.#page);
      const width = this.#width * ZOOMS[this.#zoom];
      const drawn = await drawPage(await pdfjs(), page, { width, passage: this.#passage(), area: this.#span.area, signal: drawing.signal });
      if (!drawing.signal.aborted) this.#show(drawn);
    } catch (error) {
      if (!drawing.signal.aborted) this.#fail(error);
    }
  }

  /** The passage, on the pages that it is on. */
  #passage() {
    const { page, lastPage, text } = this.#span;
    return this.#page >= page && this.#page <= lastPage ? text : undefined;
  }

  #show({ element, mark }) {
    const hadFocus = this.#sheet.contains(document.activeElement);
    this.#sheet.replaceChildren(element);
    const box = mark();
    const isMissing = this.#passage() !== undefined && !box;
    this.#showNote(isMissing ? t("viewer.notMarked") : "", isMissing);
    if (box) {
      box.setAttribute("tabindex", "-1");
      box.setAttribute("role", "note");
      box.setAttribute("aria-label", t("viewer.citedHere", { text: this.#span.text }));
      box.scrollIntoView({ block: "center" });
    } else this.element.parentElement.scrollTop = 0;
    // The focused box is gone with its page; without focus in the dialog its keys do nothing.
    if (hadFocus) (box ?? this.element.parentElement).focus({ preventScroll: true });
  }

  #fail(error) {
    this.#sheet.replaceChildren();
    this.#showNote(t("viewer.notDrawn", { number: this.#page, problem: errorText(error) }), this.#passage() !== undefined);
  }

  /** Shows a line above the page, and the passage below it; no text for none. */
  #showNote(text, withPassage) {
    this.#note.textContent = text;
    this.#note.hidden = text === "";
    this.#quote.replaceChildren(...(withPassage ? [this.#notFound()] : []));
  }

  #showNumber() {
    const { numPages } = this.#pdf;
    this.#label.textContent = t("viewer.pageNumber", { number: this.#page, count: numPages });
    const isOff = { previous: this.#page === 1, next: this.#page === numPages, smaller: this.#zoom === 0, larger: this.#zoom === ZOOMS.length - 1 };
    // Not `disabled`, which would lose the focus.
    for (const [name, off] of Object.entries(isOff)) this.#buttons[name].setAttribute("aria-disabled", String(off));
  }
}
