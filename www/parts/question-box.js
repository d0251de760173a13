import { announce } from "./announce.js";
import { byId, make } from "./dom.js";
import { loadSettings, saveSettings } from "./settings.js";
import { Turn } from "./turn.js";

const MAX_TURNS = 30;
/** Errors of fetching the answer model. No other step of an answer needs the network. */
const NO_MODEL = new Set(["download_failed", "hash_mismatch"]);

/** The question box: one question at a time, the newest answer on top. */
export class QuestionBox {
  #form = byId("ask");
  #question = byId("question");
  #turns = byId("turns");
  #settings = loadSettings();
  #engine = null;
  #answerModel = null;
  /** The last question with its quotes. */
  #past = [];
  #running = null;
  #answering = Promise.resolve();
  #places;
  #open;
  #asked;
  #finished;

  /**
   * @param {{ places: import("./places.js").Places, open: (span: object) => void, asked: () => void, finished: () => void }} callbacks
   *   `open` shows a span in its document; the others are called before and after every answer
   */
  constructor({ places, open, asked, finished }) {
    this.#places = places;
    this.#open = open;
    this.#asked = asked;
    this.#finished = finished;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask(this.#question.value);
    });
    this.#question.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.stop();
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    byId("stop-button").addEventListener("click", () => this.stop());
    this.#bindSettings();
  }

  /** Sets the engine that is asked; null for none. @param {import("./answer-model.js").AnswerModel | null} answerModel null where the engine writes no answers */
  use(engine, answerModel) {
    this.#engine = engine;
    this.#answerModel = answerModel;
    this.#showNote();
  }

  /** Shows or hides the box: a question needs a document. */
  set shown(shown) {
    this.#form.hidden = !shown;
    byId("ask-options").hidden = !shown;
  }

  /** Puts the cursor into the box. */
  focus() {
    this.#question.focus();
  }

  /** Resolves once the question that is being answered now has its answer. */
  get answered() {
    return this.#answering;
  }

  /** Cancels the running answer. */
  stop() {
    this.#running?.abort();
  }

  /** Asks, and shows the answer. The next question cancels it. */
  ask(text) {
    const question = text.trim();
    if (!this.#engine) return;
    if (!question) {
      announce("Write a question first.");
      this.#question.focus();
      return;
    }
    this.stop();
    this.#answering = this.#answer(question);
  }

  async #answer(question) {
    this.#asked();
    this.#question.value = "";
    const running = new AbortController();
    this.#running = running;
    this.#busy(true);
    const turn = new Turn(question, { places: this.#places, open: this.#open });
    this.#turns.prepend(turn.element);
    bringIntoView(turn.element);
    while (this.#turns.childElementCount > MAX_TURNS) this.#turns.lastElementChild.remove();
    try {
      const onProgress = (report) => turn.progress(report);
      for await (const event of this.#engine.ask(question, { ...this.#options(), history: this.#past, onProgress, signal: running.signal })) {
        turn.handle(event);
      }
      // A question that goes on from this one needs its words.
      this.#past = [{ question, quotes: turn.quotes }];
    } catch (error) {
      if (NO_MODEL.has(error.code)) turn.endWithoutModel(this.#alternatives(question));
      // Between the end of the indexing and the opening, which takes a moment.
      else if (error.code === "embedder_mismatch") turn.fail(new Error("The search model has just changed. Ask again."));
      else turn.fail(error);
      // So that it can be asked again.
      this.#question.value ||= question;
    }
    if (this.#running === running) {
      this.#running = null;
      this.#busy(false);
    }
    this.#finished();
  }

  /** Buttons for an answer whose model could not be fetched. */
  #alternatives(question) {
    const button = (label, onclick) => make("button", { type: "button", class: "plain", onclick }, label);
    const stayWithQuotes = () => {
      byId("quotes-only").checked = true;
      byId("quotes-only").dispatchEvent(new Event("change"));
      this.focus();
    };
    return [button("Try again", () => this.ask(question)), button("Quotes only from now on", stayWithQuotes)];
  }

  #options() {
    return { maxTokens: this.#settings.quotesOnly ? 0 : this.#settings.answerLength };
  }

  #busy(busy) {
    const hadFocus = [byId("ask-button"), byId("stop-button")].includes(document.activeElement);
    byId("ask-button").hidden = busy;
    byId("stop-button").hidden = !busy;
    // The focused button is hidden now; the other one takes the focus.
    if (hadFocus) byId(busy ? "stop-button" : "ask-button").focus();
    this.#showNote();
  }

  #bindSettings() {
    const quotesOnly = byId("quotes-only");
    const length = byId("answer-length");
    quotesOnly.checked = this.#settings.quotesOnly;
    length.value = String(this.#settings.answerLength);
    if (!length.value) length.selectedIndex = 1;
    const keep = () => {
      this.#settings = { quotesOnly: quotesOnly.checked, answerLength: Number(length.value) };
      length.disabled = quotesOnly.checked;
      saveSettings(this.#settings);
      this.#showNote();
    };
    quotesOnly.addEventListener("change", keep);
    length.addEventListener("change", keep);
    length.disabled = quotesOnly.checked;
  }

  /** Shows before the first question what it will fetch. */
  async #showNote() {
    const note = byId("ask-note");
    if (this.#settings.quotesOnly || !this.#engine) {
      note.textContent = this.#engine ? "Answers are the sentences of your documents, word for word." : "";
      return;
    }
    const isHere = this.#answerModel === null || (await this.#answerModel.isKept());
    if (this.#settings.quotesOnly) return;
    note.textContent = isHere
      ? ""
      : `The answer model, ${this.#answerModel.size}, is fetched at the first question and then kept. Quotes work without it.`;
  }
}

/** Scrolls to a new answer where it would begin too far down to be noticed. */
function bringIntoView(element) {
  if (element.getBoundingClientRect().top < innerHeight / 2) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
}
