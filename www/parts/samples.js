import { byId, make, makeButton } from "./dom.js";
import { language, t } from "./texts/texts.js";

const FOLDER = "samples/";

/** Sample documents that are added with one click, and questions about those that were added. */
export class Samples {
  #box = byId("samples");
  #list = [];
  #shown = "";
  #folded = false;
  #fetching = new Set();
  #add;
  #ask;

  /** @param {{ add: (files: { path: string, file: File }[]) => void, ask: (question: string) => void }} callbacks */
  constructor({ add, ask }) {
    this.#add = add;
    this.#ask = ask;
  }

  async load() {
    const response = await fetch(`${FOLDER}samples.json`);
    if (response.ok) this.#list = await response.json();
  }

  /** Folds the questions away, to make room for an answer. */
  fold() {
    this.#folded = true;
    const details = this.#box.querySelector("details");
    if (!details) return;
    // The focus must not stay on a hidden element.
    if (details.querySelector(".chip:focus-visible")) details.querySelector("summary").focus();
    details.open = false;
  }

  /**
   * Questions to the samples that are among `documents`; without any document, the samples themselves.
   *
   * @param {{ name: string }[]} documents
   * @param {{ offered: boolean }} options whether this is the moment to offer samples
   */
  show(documents, { offered }) {
    const names = new Set(documents.map(({ name }) => name));
    const here = this.#list.filter(({ file }) => names.has(file));
    const offers = offered && here.length === 0 ? this.#list : [];
    // Elements are replaced only when they change: one may have the focus.
    const shown = JSON.stringify([here, offers]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#box.replaceChildren();
    if (here.length > 0) this.#box.append(this.#questions(here));
    if (offers.length > 0) this.#box.append(make("h3", {}, t("samples.begin")), this.#cards(offers));
    this.#box.hidden = this.#box.childElementCount === 0;
  }

  #cards(samples) {
    const cards = samples.map((sample) => {
      const button = makeButton(
        { class: "plain sample", onclick: () => this.#fetch(sample, button) },
        make("span", { class: "title" }, aboutOf(sample).title),
        make("span", { class: "about" }, aboutOf(sample).description),
        make("span", { class: "verb", "aria-hidden": "true" }, t("samples.add")),
      );
      return make("li", {}, button);
    });
    return make("ul", { class: "cards" }, ...cards);
  }

  #questions(samples) {
    const chips = samples.flatMap(({ questions }) => questions).map((question) => make(
      "li",
      {},
      makeButton({ class: "chip", lang: "en", onclick: () => this.#ask(question) }, question),
    ));
    return make("details", { open: !this.#folded }, make("summary", {}, t("samples.questions")), make("ul", { class: "chips" }, ...chips));
  }

  async #fetch(sample, button) {
    // The button is not disabled: it would lose the focus.
    if (this.#fetching.has(sample)) return;
    this.#fetching.add(sample);
    try {
      const response = await fetch(FOLDER + sample.file);
      if (!response.ok) throw new Error(t("opening.serverAnswered", { status: String(response.status) }));
      const blob = await response.blob();
      this.#add([{ path: sample.file, file: new File([blob], sample.file, { type: sample.type }) }]);
    } catch (error) {
      const text = t("samples.failed", { problem: error.message });
      button.closest("li").append(make("p", { class: "problem", role: "alert" }, text));
    }
    this.#fetching.delete(sample);
  }
}

/** What is said of a sample in the language of the page. The samples are in English. */
const aboutOf = (sample) => sample[language] ?? sample;
