import { make } from "./make.js";
import { fill } from "./texts.js";

/** The links and buttons that lead to cited places, numbered in the order in which places are first named. */
export class Citations {
  #host;
  #documents;
  #dialog;
  #texts;
  #numbers = new Map();

  /**
   * @param {{ host: HTMLElement, documents: import("./documents.js").Documents,
   *   dialog: import("./passage-dialog.js").PassageDialog, texts: object }} parts
   */
  constructor({ host, documents, dialog, texts }) {
    this.#host = host;
    this.#documents = documents;
    this.#dialog = dialog;
    this.#texts = texts;
  }

  /** The number of a place. */
  number({ documentId, start, end }) {
    const key = `${documentId} ${start} ${end}`;
    if (!this.#numbers.has(key)) this.#numbers.set(key, this.#numbers.size + 1);
    return this.#numbers.get(key);
  }

  line(citation) {
    return this.#documents.line(citation, this.#texts);
  }

  language(citation) {
    return this.#documents.language(citation.documentId);
  }

  /** A number within a text. */
  marker(citation) {
    const number = this.number(citation);
    const name = fill(this.#texts.source, { number, source: this.line(citation) });
    return this.control(citation, { class: "marker", part: "citation", "aria-label": name, title: this.line(citation) }, String(number));
  }

  /** A link where the document has an address, otherwise a button that shows the place. */
  control(citation, attributes, ...children) {
    const href = this.#documents.address(citation);
    const click = (event) => this.#cite(citation, href, event);
    if (href === null) return make("button", { ...attributes, type: "button", click }, ...children);
    return make("a", { ...attributes, href, click }, ...children);
  }

  #cite(citation, href, event) {
    // The browser opens these in a tab of their own.
    if (href !== null && (event.ctrlKey || event.metaKey || event.shiftKey)) return;
    const cite = new CustomEvent("cite", { detail: { citation, href }, bubbles: true, composed: true, cancelable: true });
    if (!this.#host.dispatchEvent(cite)) event.preventDefault();
    else if (href === null) this.#dialog.show(citation, this.#documents, this.#texts);
  }
}
