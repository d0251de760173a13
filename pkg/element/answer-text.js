import { make } from "./make.js";
import { fill } from "./texts.js";

/** A marker stays on the line of the word before it, unless that is longer. */
const MAX_WORD_CHARS = 24;

/**
 * The written answer as it comes in, with marks. Marks come sentence by sentence, in the order of the text, so only the
 * text after the last mark is ever split.
 */
export class AnswerText {
  element = make("p", { class: "written-text", part: "answer", dir: "auto" });
  #texts;
  #text = "";
  #tail = document.createTextNode("");
  #tailStart = 0;
  /** The last word with its markers. */
  #cited = null;

  constructor(texts) {
    this.#texts = texts;
    this.element.append(this.#tail);
  }

  /** The text so far, without marks. */
  get text() {
    return this.#text;
  }

  append(text) {
    this.#text += text;
    this.#tail.appendData(text);
  }

  /** Puts a marker behind the last word before `end`. */
  cite(end, marker) {
    const at = this.#text.slice(0, end).trimEnd().length;
    if (!this.#cited || at > this.#tailStart) this.#cited = this.#wordBefore(at);
    this.#cited.append(marker);
  }

  /** Puts a button into the place of `start..end`, which shows and hides the sentence that nothing supports. */
  fold(start, end, sentence) {
    this.#cited = null;
    const folded = this.#cut(start);
    this.#cut(end);
    folded.replaceWith(this.#unfolding(sentence.trim()), this.#text.slice(start, end).endsWith(" ") ? " " : "");
  }

  /** The last word before `offset`, in an element that is not broken. */
  #wordBefore(offset) {
    const [word] = /\S*$/.exec(this.#text.slice(0, offset));
    const start = this.#cut(word.length <= MAX_WORD_CHARS ? offset - word.length : offset);
    this.#cut(offset);
    const element = make("span", { class: "cited" });
    start.replaceWith(element);
    element.append(start);
    return element;
  }

  /** Ends the text node before `offset`, and returns the one that begins there. */
  #cut(offset) {
    const at = Math.max(this.#tailStart, Math.min(offset, this.#text.length));
    this.#tail = this.#tail.splitText(at - this.#tailStart);
    this.#tailStart = at;
    return this.#tail;
  }

  #unfolding(sentence) {
    const button = make("button", { type: "button", class: "fold", "aria-expanded": "false", "aria-label": this.#texts.unsupportedShow }, "…");
    button.addEventListener("click", () => {
      const isOpen = button.getAttribute("aria-expanded") === "false";
      button.setAttribute("aria-expanded", String(isOpen));
      button.setAttribute("aria-label", isOpen ? fill(this.#texts.unsupportedHide, { sentence }) : this.#texts.unsupportedShow);
      button.textContent = isOpen ? sentence : "…";
    });
    return button;
  }
}
