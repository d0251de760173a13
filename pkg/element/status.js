import { make } from "./make.js";

const REMOVE_AFTER_MS = 15_000;

/** What a screen reader is told when it is idle. */
export class Status {
  element = make("p", { class: "unseen", role: "status" });
  #timer;

  say(text) {
    clearTimeout(this.#timer);
    this.element.textContent = text;
    // It has been read by then. Otherwise it would be read again with the page.
    this.#timer = setTimeout(() => (this.element.textContent = ""), REMOVE_AFTER_MS);
  }
}
