import { make, makeButton } from "../dom.js";
import { t } from "../texts/texts.js";

/** Widths of the picture, as shares of the window's. */
const ZOOMS = [1, 1.5, 2, 3, 4];

/** A picture. What is cited is marked on it. */
export class PictureView {
  #bar = make("div", { class: "pdf-bar", role: "group", "aria-label": t("viewer.picture") });
  #image = make("img", { class: "picture-image" });
  #frame = make("div", { class: "picture-frame" }, this.#image);
  #buttons = {};
  #area;
  #text;
  #url = null;
  #zoom = 0;
  #isOpen = false;

  /** @param {{ area?: object, text?: string, name: string }} span the cited words, and where they are on the picture */
  constructor({ area, text, name }) {
    this.#area = area;
    this.#text = text;
    this.#image.alt = text ? t("viewer.citedPicture", { name, text }) : name;
    const button = (key, label, text, keys, onclick) =>
      (this.#buttons[key] = makeButton({ class: "button", "aria-label": label, "aria-keyshortcuts": keys, title: label, onclick }, text));
    this.#bar.append(
      button("smaller", t("viewer.smaller"), "−", "-", () => this.#zoomBy(-1)),
      button("larger", t("viewer.larger"), "+", "+", () => this.#zoomBy(1)),
    );
    this.element = make("div", { class: "picture" }, this.#bar, make("div", { class: "picture-sheet" }, this.#frame));
  }

  /** Decodes the file, and shows it once `element` is in the document. */
  async open(file, place) {
    this.#url = URL.createObjectURL(file);
    this.#image.src = this.#url;
    try {
      await this.#image.decode();
    } catch {
      throw new Error(t("viewer.notDecoded"));
    }
    if (this.#url === null) return;
    place(this.element);
    this.#isOpen = true;
    this.#zoomBy(0);
    this.#mark()?.focus({ preventScroll: true });
  }

  close() {
    if (this.#url !== null) URL.revokeObjectURL(this.#url);
    this.#url = null;
  }

  /** Enlarges the picture by a key. Returns whether the key means that. */
  key(key) {
    if (!this.#isOpen) return false;
    if (key === "+" || key === "=") this.#zoomBy(1);
    else if (key === "-") this.#zoomBy(-1);
    else return false;
    return true;
  }

  #zoomBy(by) {
    const zoom = this.#zoom + by;
    if (zoom < 0 || zoom >= ZOOMS.length) return;
    this.#zoom = zoom;
    this.#frame.style.width = `${ZOOMS[zoom] * 100}%`;
    const isOff = { smaller: zoom === 0, larger: zoom === ZOOMS.length - 1 };
    // Not `disabled`, which would lose the focus.
    for (const [name, off] of Object.entries(isOff)) this.#buttons[name].setAttribute("aria-disabled", String(off));
    this.#frame.querySelector(".picture-box")?.scrollIntoView({ block: "center", inline: "center" });
  }

  /** Marks what is cited. Returns the mark; none where nothing is known of its place. */
  #mark() {
    if (!this.#area) return null;
    const { left, top, right, bottom } = this.#area;
    const box = make("div", { class: "picture-box", role: "note", tabIndex: -1, "aria-label": t("viewer.citedHere", { text: this.#text }) });
    Object.assign(box.style, {
      left: `${left * 100}%`,
      top: `${top * 100}%`,
      width: `${(right - left) * 100}%`,
      height: `${(bottom - top) * 100}%`,
    });
    this.#frame.append(box);
    box.scrollIntoView({ block: "center" });
    return box;
  }
}
