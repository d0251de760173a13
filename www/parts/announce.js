import { byId, make } from "./dom.js";

const REMOVE_AFTER_MS = 15_000;
const SENTENCE_END = /[.!?…。！？]["'”’)\]]*\s/g;

/** Has a screen reader read `text` when it is idle. */
export function announce(text) {
  const line = make("p", {}, text);
  byId("announcements").append(line);
  // It has been read by then. Otherwise it would be read again with the page.
  setTimeout(() => line.remove(), REMOVE_AFTER_MS);
}

/** Announces streamed text sentence by sentence: single tokens cannot be followed. */
export class SentenceAnnouncer {
  #pending = "";

  add(text) {
    this.#pending += text;
    let end = 0;
    for (const match of this.#pending.matchAll(SENTENCE_END)) end = match.index + match[0].length;
    if (end > 0) this.#say(end);
  }

  finish() {
    this.#say(this.#pending.length);
  }

  #say(end) {
    const text = this.#pending.slice(0, end).trim();
    this.#pending = this.#pending.slice(end);
    if (text) announce(text);
  }
}
