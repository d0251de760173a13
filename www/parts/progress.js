import { make } from "./dom.js";
import { bytes, count, timeLeft } from "./format.js";
import { t } from "./texts/texts.js";

/** Units that are named beside an amount. */
const UNITS = ["layers", "documents", "segments", "chunks", "tokens"];

/** One progress report as a line: "Fetching the search model: 12 MB of 25 MB, about 10 s left". */
export function progressLine({ stage, done, total, unit, etaMs }, subject) {
  const amount = unit === "bytes" ? bytes : count;
  const unitName = UNITS.includes(unit) ? ` ${t(`unit.${unit}`)}` : "";
  const parts = [];
  if (total > 0) parts.push(`${t("progress.amount", { done: amount(done), total: amount(total) })}${unitName}`);
  if (etaMs > 0) parts.push(timeLeft(etaMs));
  const what = t(`progress.${stage}`, { subject });
  return parts.length ? `${what}: ${parts.join(", ")}` : what;
}

/** A line of text over a bar, following the progress reports of one task. */
export class ProgressBar {
  #line = make("span", { class: "step" });
  #bar = make("progress", { max: 1 });

  /** @param {string} label what the bar is about, for screen readers */
  constructor(label) {
    this.#bar.setAttribute("aria-label", label);
  }

  /** The elements to place, text first. */
  get elements() {
    return [this.#line, this.#bar];
  }

  /** Shows that nothing happens yet. */
  wait(text) {
    this.#line.textContent = text;
    this.#bar.hidden = true;
  }

  /** Shows a state that has no measure. */
  say(text) {
    this.#line.textContent = text;
    this.#bar.hidden = false;
    this.#bar.removeAttribute("value");
  }

  /** Shows a line, and the share that is done, from 0 to 1; undefined where it is not known. */
  measure(text, share) {
    this.say(text);
    if (share !== undefined) this.#bar.value = Math.min(1, share);
  }

  /** Shows a progress report. */
  show(progress, subject) {
    this.measure(progressLine(progress, subject), progress.total > 0 ? progress.done / progress.total : undefined);
  }
}
