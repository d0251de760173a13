import { make, makeButton } from "./dom.js";
import { t } from "./texts/texts.js";

/**
 * The text of an answer as it streams in, with marks put into it afterwards.
 *
 * Marks come with offsets into the text as the engine wrote it, so the text
 * nodes are kept with the offset at which each begins, and split where a mark
 * needs an edge. Appending touches the last node only.
 */
export class AnswerText {
  #root;
  #nodes = [];
  #text = "";
  #markers = new Map();

  /** @param {HTMLElement} root an empty element */
  constructor(root) {
    this.#root = root;
  }

  /** The answer so far, without marks. */
  get text() {
    return this.#text;
  }

  append(text) {
    const last = this.#nodes.at(-1);
    if (last && this.#root.lastChild === last.node) {
      last.node.appendData(text);
    } else {
      const node = document.createTextNode(text);
      this.#nodes.push({ node, start: this.#text.length });
      this.#root.append(node);
    }
    this.#text += text;
  }

  /** Puts `marker` after the last word before `end`, behind other markers there. */
  insertMarker(end, marker) {
    const offset = this.#lastWordEnd(end);
    const before = this.#markers.get(offset) ?? this.#nodeEndingAt(offset);
    if (before) before.after(marker);
    else this.#root.prepend(marker);
    this.#markers.set(offset, marker);
  }

  /** Puts a button into the place of `start..end`, which shows and hides a sentence that rests on no passage. */
  foldUnsupported(start, end, sentence) {
    this.#split(start);
    this.#split(end);
    for (const { node, start: at } of this.#nodes) {
      if (at < start || at >= end) continue;
      const wrapper = make("span", { class: "folded" });
      node.replaceWith(wrapper);
      // The text stays where offsets find it; the button is what is seen.
      wrapper.append(make("span", { hidden: true }, node), unfolding(sentence));
    }
  }

  #lastWordEnd(end) {
    let offset = Math.min(end, this.#text.length);
    while (offset > 0 && /\s/.test(this.#text[offset - 1])) offset -= 1;
    return offset;
  }

  /** The element or text node of the root after which `offset` lies. */
  #nodeEndingAt(offset) {
    this.#split(offset);
    const entry = this.#nodes.find(({ node, start }) => start + node.length === offset);
    if (!entry) return null;
    const parent = entry.node.parentNode;
    return parent === this.#root ? entry.node : parent;
  }

  #split(offset) {
    const index = this.#nodes.findIndex(({ node, start }) => start < offset && offset < start + node.length);
    if (index < 0) return;
    const { node, start } = this.#nodes[index];
    this.#nodes.splice(index + 1, 0, { node: node.splitText(offset - start), start: offset });
  }
}

/** "…", which becomes the sentence, and "…" again. */
function unfolding(sentence) {
  const label = t("turn.unsupportedShow");
  const text = make("span", {}, "…");
  const button = makeButton({ class: "plain fold", "aria-expanded": "false", "aria-label": label, title: label }, text);
  button.addEventListener("click", () => {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!isOpen));
    text.textContent = isOpen ? "…" : sentence.trim();
    text.classList.toggle("unsupported", !isOpen);
    button.setAttribute("aria-label", isOpen ? label : t("turn.unsupportedHide", { sentence: sentence.trim() }));
  });
  return button;
}
