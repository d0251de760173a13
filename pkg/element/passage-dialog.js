import { make } from "./make.js";

const CONTEXT_CHARS = 700;

/** Shows a cited place within the text of its document. It closes with Escape, and the focus goes back. */
export class PassageDialog {
  #heading = make("h2", { id: "passage-heading" });
  #text = make("p", { class: "passage-text", dir: "auto", tabindex: 0, role: "group", "aria-labelledby": "passage-heading" });
  #close = make("button", { type: "button", class: "button", part: "button", click: () => this.element.close() });
  element = make(
    "dialog",
    { part: "dialog", "aria-labelledby": "passage-heading" },
    make("div", { class: "dialog-head" }, this.#heading, this.#close),
    this.#text,
  );

  constructor() {
    // A click beside the dialog is one on its backdrop.
    this.element.addEventListener("click", (event) => event.target === this.element && this.element.close());
  }

  /** @param {import("./documents.js").Documents} documents */
  async show(citation, documents, texts) {
    this.#heading.textContent = documents.line(citation, texts);
    this.#close.textContent = texts.close;
    const [before, text, after] = await documents.around(citation, CONTEXT_CHARS);
    const mark = make("mark", {}, text);
    this.#text.lang = documents.language(citation.documentId) ?? "";
    this.#text.replaceChildren(before, mark, after);
    if (!this.element.isConnected || this.element.open) return;
    this.element.showModal();
    mark.scrollIntoView({ block: "center" });
  }
}
