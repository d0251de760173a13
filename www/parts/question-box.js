import { announce } from "./announce.js";
import { byId, make } from "./dom.js";
import { NONE } from "./answer-models.js";
import { loadSettings, saveSettings } from "./settings.js";
import { Turn } from "./turn.js";

const MAX_TURNS = 30;
/** Questions that the next one may go on from. */
const PAST_QUESTIONS = 4;
/** Errors of fetching the answer model. No other step of an answer needs the network. */
const NO_MODEL = new Set(["download_failed", "hash_mismatch"]);

/** The question box: one question at a time, the newest answer on top. */
export class QuestionBox {
  #form = byId("ask");
  #question = byId("question");
  #turns = byId("turns");
  #select = byId("answer-model");
  #length = byId("answer-length");
  #engine = null;
  #answerModels = null;
  /** The last questions with their quotes and answers, oldest first. */
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

  /** Sets the engine that is asked, and the models that write its answers; null for none. @param {import("./answer-models.js").AnswerModels | null} answerModels */
  use(engine, answerModels) {
    this.#engine = engine;
    this.#answerModels = answerModels;
    this.#showChoices();
    this.#showNote();
  }

  /** Takes the settings that another tab has stored. */
  async followSettings() {
    await this.#change(() => this.#answerModels?.follow());
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
      const past = { question, quotes: turn.quotes, answer: turn.answer };
      this.#past = [...this.#past, past].slice(-PAST_QUESTIONS);
      if (turn.couldBeWritten && this.#answerModels.chosen === null) this.#offerModels(turn, past);
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
    const stayWithQuotes = async () => {
      await this.#choose(NONE);
      this.focus();
    };
    return [button("Try again", () => this.ask(question)), button("Quotes only from now on", stayWithQuotes)];
  }

  /** Asks once which model writes answers, below the quotes of the first question that one could write to. */
  #offerModels(turn, past) {
    const choose = async (name) => {
      turn.offer(null);
      // The button that was chosen is gone.
      this.focus();
      if (!(await this.#choose(name)) || name === NONE) return;
      turn.element.remove();
      this.#past = this.#past.filter((other) => other !== past);
      this.ask(past.question);
    };
    turn.offer(this.#answerModels.choices, choose);
  }

  /** Chooses the model that writes answers. Resolves to whether the engine took it. */
  #choose(name) {
    return this.#change(() => this.#answerModels.choose(name));
  }

  async #change(change) {
    let problem = null;
    try {
      const changed = change();
      this.#showChoices();
      await changed;
    } catch (error) {
      problem = `The answer model could not be changed. ${error.message}`;
    }
    this.#showChoices();
    if (problem) this.#say(problem);
    else this.#showNote();
    this.#finished();
    return problem === null;
  }

  /** Says something below the settings, and to those who hear the page. */
  #say(text) {
    byId("ask-note").textContent = text;
    announce(text);
  }

  #options() {
    return { maxTokens: this.#answerModels.writes ? loadSettings().answerLength : 0 };
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
    this.#select.addEventListener("change", () => this.#choose(this.#select.value));
    this.#length.addEventListener("change", () => saveSettings({ answerLength: Number(this.#length.value) }));
  }

  /** Shows the models to choose from, and the settings. */
  #showChoices() {
    if (!this.#answerModels) return;
    const { choices, chosen, writes } = this.#answerModels;
    const options = [
      // Nothing is chosen before the first question that needs it.
      ...(chosen === null ? [["", "not chosen yet"]] : []),
      [NONE, "none, quotes only"],
      ...choices.map(({ name, label, size }) => [name, `${label.toLowerCase()} (${size})`]),
    ];
    this.#select.replaceChildren(...options.map(([value, label]) => make("option", { value }, label)));
    this.#select.value = chosen ?? "";
    this.#length.value = String(loadSettings().answerLength);
    if (!this.#length.value) this.#length.selectedIndex = 1;
    this.#length.disabled = !writes;
  }

  /** Shows before the next question what it will fetch. */
  async #showNote() {
    const note = byId("ask-note");
    const models = this.#answerModels;
    // While a question is answered, its progress tells what is fetched.
    if (!this.#engine || !models || this.#running) {
      note.textContent = "";
      return;
    }
    const isHere = await models.isHere();
    if (models !== this.#answerModels || this.#running) return;
    if (models.chosen === NONE) note.textContent = "Answers are the sentences of your documents, word for word.";
    else note.textContent = isHere ? "" : `The answer model, ${models.choice.size}, is fetched at the next question and then kept. Quotes work without it.`;
  }
}

/** Scrolls to a new answer where it would begin too far down to be noticed. */
function bringIntoView(element) {
  if (element.getBoundingClientRect().top < innerHeight / 2) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
}
