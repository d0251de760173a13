import { announce } from "./announce.js";
import { byId, make, makeButton } from "./dom.js";
import { subjectOf } from "./knowledge-base.js";
import { listOf } from "./languages.js";
import { ProgressBar } from "./progress.js";
import { errorText, t } from "./texts/texts.js";

/** So many languages are named; more are counted. */
const MOST_NAMED = 3;

/** The choice of the search model: a setting, and a notice where documents are in a language that the one in use does not know. */
export class ModelChoice {
  #select = byId("search-model");
  #notice = byId("search-model-notice");
  #models = [];
  #inUse = null;
  #documents = [];
  #isAdding = false;
  /** Cancels the change that is under way. */
  #changing = null;
  #shown = "";
  #announced = "";
  #change;

  /**
   * @param {{ change: (model: import("./search-models.js").SearchModel, options: ChangeOptions) => Promise<void> }} callbacks
   *   `change` resolves once the page uses the model
   * @typedef {{ onProgress: (report: object) => void, signal: AbortSignal }} ChangeOptions
   */
  constructor({ change }) {
    this.#change = change;
    // The other choice is the model in use while a change is under way: back to it.
    this.#select.addEventListener("change", () => (this.#changing ? this.#changing.abort() : this.#begin(this.#chosen)));
  }

  /** Sets the models to choose from, and the one in use. */
  use(models, inUse) {
    this.#models = models;
    this.#inUse = inUse;
    this.#select.replaceChildren(...models.map(({ languages, size }) => make("option", {}, t("model.sized", { label: languages, size }))));
    this.#showNotice();
  }

  /** Sets the documents that the notice is about. While files are added no other model can be chosen. */
  show(documents, isAdding) {
    this.#documents = documents;
    this.#isAdding = isAdding;
    if (this.#inUse) this.#showNotice();
  }

  /** Whether another model is being made the one in use. */
  get isChanging() {
    return this.#changing !== null;
  }

  get #chosen() {
    return this.#models[this.#select.selectedIndex];
  }

  async #begin(model) {
    const stop = new AbortController();
    this.#changing = stop;
    this.#select.selectedIndex = this.#models.indexOf(model);
    const progress = new ProgressBar(t("model.changingLabel"));
    progress.say(t("model.changing", { languages: model.languages }));
    const cancel = makeButton({ class: "button", onclick: () => stop.abort() }, t("adding.cancel"));
    this.#replace(...progress.elements, make("p", {}, cancel));
    let problem = "";
    try {
      await this.#change(model, { signal: stop.signal, onProgress: (report) => progress.show(report, subjectOf(report)) });
      announce(t("model.changed", { languages: model.languages }));
    } catch (error) {
      if (!stop.signal.aborted) problem = t("model.notChanged", { problem: errorText(error) });
    }
    this.#changing = null;
    this.#showNotice(problem);
  }

  /** Shows what went wrong, if anything did, and which documents the model in use does not know. */
  #showNotice(problem = "") {
    if (this.#changing) return;
    this.#select.selectedIndex = this.#models.indexOf(this.#inUse);
    this.#select.disabled = this.#isAdding;
    const text = this.#textOfNotice();
    // Elements are replaced only when they change: one may have the focus.
    const shown = JSON.stringify([problem, text, this.#isAdding]);
    if (shown === this.#shown) return;
    if (text && text !== this.#announced) announce(text);
    this.#announced = text;
    const elements = [];
    if (problem) elements.push(make("p", { class: "problem", role: "alert" }, problem));
    if (text) elements.push(make("p", {}, text));
    if (text && !this.#isAdding) elements.push(make("p", {}, this.#button()));
    this.#replace(...elements);
    this.#shown = shown;
  }

  /** "“bericht.pdf” is in German. …", or "" where the model in use knows the language of each document. */
  #textOfNotice() {
    const unknown = this.#documents.filter((entry) => this.#inUse.unknownLanguage(entry));
    if (unknown.length === 0) return "";
    const names = [...new Set(unknown.map((entry) => this.#inUse.unknownLanguage(entry)))];
    const languages = names.length > MOST_NAMED ? t("model.otherLanguages", { count: names.length }) : listOf(names);
    const values = { languages, known: this.#inUse.languages };
    if (unknown.length === 1) return t("model.unknownOne", { ...values, name: unknown[0].name });
    return t("model.unknownSeveral", { ...values, count: unknown.length });
  }

  #button() {
    const other = this.#models.find((model) => model !== this.#inUse);
    const label = t("model.use", { languages: other.languages, size: other.size });
    return makeButton({ class: "button", onclick: () => this.#begin(other) }, label);
  }

  /** Replaces the content of the notice. A button that had the focus makes way for the next one. */
  #replace(...elements) {
    const hadFocus = this.#notice.contains(document.activeElement);
    this.#shown = "";
    this.#notice.replaceChildren(...elements);
    this.#notice.hidden = elements.length === 0;
    if (hadFocus) (this.#notice.querySelector("button") ?? this.#select).focus();
  }
}
