import { byId, make } from "./dom.js";

const KEPT_MS = 15_000;
const SENTENCE_END = /[.!?…。！？]["'”’)\]]*\s/g;

/** Has a screen reader say `text` when it next falls silent. */
export function announce(text) {
  const line = make("p", {}, text);
  byId("announcements").append(line);
  // Said by then; left in place it would be met a second time when reading on.
  setTimeout(() => line.remove(), KEPT_MS);
}

/** Announces streamed text sentence by sentence, since tokens one by one cannot be listened to. */
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
