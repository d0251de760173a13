import { make } from "./make.js";
import { fill } from "./texts.js";

/** A line that says what is done now, and a bar where its measure is known. */
export class ProgressLine {
  #line = make("span", {});
  #bar = make("progress", { max: 1, hidden: true });
  element = make("div", { class: "progress", part: "progress", hidden: true }, this.#line, this.#bar);

  /** Shows a state that has no measure. */
  say(text) {
    this.element.hidden = false;
    this.#line.textContent = text;
    this.#bar.hidden = true;
    this.#bar.removeAttribute("value");
  }

  /** Shows a report of the engine. @param {import("../index.d.ts").Progress} progress */
  show({ stage, done, total, unit }, texts) {
    const what = { download: texts.downloading, read: texts.reading }[stage] ?? texts.loading;
    if (!(total > 0)) return this.say(what);
    const amounts = { what, done: amount(done, unit, texts.language), total: amount(total, unit, texts.language) };
    this.say(unit === "bytes" ? fill(texts.amount, amounts) : what);
    this.#bar.hidden = false;
    this.#bar.setAttribute("aria-label", what);
    this.#bar.value = Math.min(1, done / total);
  }

  hide() {
    this.element.hidden = true;
  }
}

function amount(value, unit, language) {
  if (unit !== "bytes") return String(value);
  const megabytes = value / 1e6;
  const maximumFractionDigits = megabytes < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "unit", unit: "megabyte", maximumFractionDigits }).format(megabytes);
}
