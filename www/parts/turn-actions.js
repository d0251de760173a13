// What can be done with an answer: copied, saved, removed.

import { announce } from "./announce.js";
import { make, makeButton } from "./dom.js";
import { fileNameOf, htmlOf, markdownOf, textOf } from "./export-answer.js";
import { t } from "./texts/texts.js";

/** Copies a turn with its sources: as text, and as HTML for editors that take it. */
export async function copyTurn(turn, places) {
  const text = textOf(turn, places);
  try {
    const typed = (type, content) => [type, new Blob([content], { type })];
    const item = new ClipboardItem(Object.fromEntries([typed("text/plain", text), typed("text/html", htmlOf(turn, places))]));
    await navigator.clipboard.write([item]);
    announce(t("turn.copied"));
  } catch {
    announce(t("turn.notCopied"));
  }
}

/** Saves a turn as a file of Markdown. */
export function saveTurn(turn, places) {
  const address = URL.createObjectURL(new Blob([markdownOf(turn, places)], { type: "text/markdown" }));
  make("a", { href: address, download: fileNameOf(turn.question) }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  announce(t("turn.saved"));
}

/** The buttons below an answer. @param {{ turn: { question: string, events: object[] }, places: object, remove: () => void }} options */
export function turnActions({ turn, places, remove }) {
  // The name begins with the label, which speech control knows it by.
  const button = (label, onclick, name = label) => makeButton({ class: "plain soft", onclick, "aria-label": name }, label);
  return make(
    "p",
    { class: "turn-actions" },
    button(t("turn.copy"), () => copyTurn(turn, places), t("turn.copyOne")),
    button(t("turn.save"), () => saveTurn(turn, places)),
    button(t("turn.remove"), remove, t("turn.removeOne")),
  );
}
