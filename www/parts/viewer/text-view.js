import { make, makeButton } from "../dom.js";
import { t } from "../texts/texts.js";

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
   *   `place` labels it
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
      const lines = this.#linesOf(start, end);
      const after = text[lines.end] === "\n" ? lines.end + 1 : lines.end;
      this.#flow.append(text.slice(this.#from, lines.start), this.#passage({ start, end, place }, lines), text.slice(after, this.#to));
    } else this.#flow.append(text.slice(this.#from, this.#to));
    this.elements = [this.#more(t("viewer.earlier"), this.#from > 0, () => this.#earlier()), this.#flow];
    this.elements.push(this.#more(t("viewer.later"), this.#to < text.length, () => this.#later()));
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

  /** The offsets of the whole lines that a passage is in, as far as they are shown. */
  #linesOf(start, end) {
    const next = this.#text.indexOf("\n", end);
    return {
      start: Math.max(this.#from, this.#text.lastIndexOf("\n", start - 1) + 1),
      end: next < 0 || next > this.#to ? this.#to : next,
    };
  }

  /** The lines of the passage, set off from the text around them: otherwise their place would read as a heading in it. */
  #passage({ start, end, place }, lines) {
    const passage = make("div", { class: "viewer-passage" });
    if (place) {
      passage.append(make("p", { class: "viewer-label", id: "viewer-label" }, place));
      this.#mark.setAttribute("aria-describedby", "viewer-label");
    }
    passage.append(this.#text.slice(lines.start, start), this.#mark, this.#text.slice(end, lines.end));
    return passage;
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
    const button = makeButton({
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
