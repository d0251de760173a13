import { byId, make } from "./dom.js";
import { count } from "./format.js";

/** Characters that are shown around the passage at first: a document may have millions. */
const WINDOW_CHARS = 20_000;

/** The dialog that shows a document's text, opened at a passage. */
export class Viewer {
  #dialog = byId("viewer");
  #body = byId("viewer-body");
  #title = byId("viewer-title");
  #place = byId("viewer-place");
  #engine = null;
  #opened = 0;

  constructor() {
    byId("viewer-close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener("close", () => {
      this.#opened += 1;
      this.#body.replaceChildren();
    });
  }

  /** Sets the engine whose documents are shown. */
  use(engine) {
    this.#engine = engine;
  }

  /** Shows a document; `start` and `end` are UTF-16 offsets into its text, or absent for the whole. */
  async show({ documentId, documentName, start, end }) {
    const opened = ++this.#opened;
    this.#title.textContent = documentName;
    this.#place.textContent = "";
    this.#body.replaceChildren(make("p", { class: "soft" }, "Opening"));
    if (!this.#dialog.open) this.#dialog.showModal();
    let text;
    try {
      text = await this.#engine.text(documentId);
    } catch (error) {
      const gone = error.code === "document_not_found";
      const message = gone ? `“${documentName}” has been removed since. Add it again to read it.` : error.message;
      if (opened === this.#opened) this.#body.replaceChildren(make("p", { class: "problem", role: "alert" }, message));
      return;
    }
    // It was closed, or another document was opened, while the text was read.
    if (opened === this.#opened) this.#render(text, start, end);
  }

  #render(text, start, end) {
    const marked = start !== undefined && end > start;
    const anchor = marked ? start : 0;
    let from = edgeAt(text, anchor - WINDOW_CHARS);
    let to = edgeAt(text, (marked ? end : 0) + WINDOW_CHARS);
    const mark = make("mark", { tabIndex: -1 }, text.slice(anchor, marked ? end : anchor));
    const flow = make("div", { class: "viewer-text" });
    if (marked) flow.append(text.slice(from, start), mark, text.slice(end, to));
    else flow.append(text.slice(from, to));

    const earlier = this.#more("Show earlier text", from > 0, () => {
      const next = edgeAt(text, from - WINDOW_CHARS);
      const before = this.#body.scrollHeight - this.#body.scrollTop;
      flow.prepend(text.slice(next, from));
      from = next;
      this.#body.scrollTop = this.#body.scrollHeight - before;
      return from > 0;
    });
    const later = this.#more("Show later text", to < text.length, () => {
      const next = edgeAt(text, to + WINDOW_CHARS);
      flow.append(text.slice(to, next));
      to = next;
      return to < text.length;
    });
    this.#body.replaceChildren(earlier, flow, later);
    this.#placeAt(text, marked ? start : null, end, mark);
  }

  #placeAt(text, start, end, mark) {
    const characters = `${count(text.length)} characters`;
    if (start === null) {
      this.#place.textContent = characters;
      this.#body.scrollTop = 0;
      this.#body.focus({ preventScroll: true });
      return;
    }
    this.#place.textContent = `Characters ${count(start)} to ${count(end)} of ${count(text.length)}`;
    mark.scrollIntoView({ block: "center" });
    // A screen reader reads it first, and arrow keys scroll from it.
    mark.focus({ preventScroll: true });
  }

  #more(label, wanted, extend) {
    const button = make("button", {
      type: "button",
      class: "button",
      hidden: !wanted,
      onclick: () => {
        button.hidden = !extend();
        if (button.hidden) this.#body.focus({ preventScroll: true });
      },
    }, label);
    return button;
  }
}

/** The offset within the text, moved off the middle of a surrogate pair. */
function edgeAt(text, offset) {
  const edge = Math.max(0, Math.min(text.length, offset));
  const code = text.charCodeAt(edge);
  return edge > 0 && code >= 0xdc00 && code <= 0xdfff ? edge - 1 : edge;
}
