import { make } from "../dom.js";

/** Characters that are shown around the passage at first: a document may have millions. */
const WINDOW_CHARS = 20_000;

/** The text of a document, with a passage of it marked. */
export class TextView {
  #text;
  #scroller;
  #from;
  #to;
  #flow = make("div", { class: "viewer-text" });
  #mark;

  /**
   * @param {string} text
   * @param {{ start?: number, end?: number, place?: string }} span the passage in UTF-16 offsets, absent for none;
   *   `place` stands above it
   * @param {HTMLElement} scroller what scrolls the view
   */
  constructor(text, { start, end, place }, scroller) {
    this.#text = text;
    this.#scroller = scroller;
    const marked = start !== undefined && end > start;
    const [first, last] = marked ? [start, end] : [0, 0];
    this.#from = edgeAt(text, first - WINDOW_CHARS);
    this.#to = edgeAt(text, last + WINDOW_CHARS);
    if (marked) {
      this.#mark = make("mark", { tabIndex: -1 }, text.slice(start, end));
      // Above the line that the passage begins in.
      const line = Math.max(this.#from, text.lastIndexOf("\n", start - 1) + 1);
      const heading = place ? [make("p", { class: "viewer-heading" }, place)] : [];
      this.#flow.append(text.slice(this.#from, line), ...heading, text.slice(line, start), this.#mark, text.slice(end, this.#to));
    } else this.#flow.append(text.slice(this.#from, this.#to));
    this.elements = [this.#more("Show earlier text", this.#from > 0, () => this.#earlier()), this.#flow];
    this.elements.push(this.#more("Show later text", this.#to < text.length, () => this.#later()));
  }

  /** Scrolls to the passage and focuses it: a screen reader reads it first, and arrow keys scroll from it. */
  focus() {
    if (this.#mark) {
      this.#mark.scrollIntoView({ block: "center" });
      this.#mark.focus({ preventScroll: true });
    } else {
      this.#scroller.scrollTop = 0;
      this.#scroller.focus({ preventScroll: true });
    }
  }

  #earlier() {
    const next = edgeAt(this.#text, this.#from - WINDOW_CHARS);
    const before = this.#scroller.scrollHeight - this.#scroller.scrollTop;
    this.#flow.prepend(this.#text.slice(next, this.#from));
    this.#from = next;
    this.#scroller.scrollTop = this.#scroller.scrollHeight - before;
    return this.#from > 0;
  }

  #later() {
    const next = edgeAt(this.#text, this.#to + WINDOW_CHARS);
    this.#flow.append(this.#text.slice(this.#to, next));
    this.#to = next;
    return this.#to < this.#text.length;
  }

  #more(label, wanted, extend) {
    const button = make("button", {
      type: "button",
      class: "button",
      hidden: !wanted,
      onclick: () => {
        button.hidden = !extend();
        if (button.hidden) this.#scroller.focus({ preventScroll: true });
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
