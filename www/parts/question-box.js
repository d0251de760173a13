import { announce } from "./announce.js";
import { byId, make, makeButton } from "./dom.js";
import { NONE } from "./answer-models.js";
import { forgetTurn, forgetTurns, keepTurn, keptTurns } from "./history.js";
import { loadSettings, saveSettings } from "./settings.js";
import { errorText, t } from "./texts/texts.js";
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
  /** The knowledge base whose questions are shown. */
  #knowledgeBase = null;
  /** The turns that are shown, newest first, each with its id where it is kept. */
  #shown = [];
  #places;
  #open;
  #openQuery;
  #asked;
  #finished;

  /**
   * @param {{ places: import("./places.js").Places, open: (span: object) => void, openQuery: (sql: string) => void,
   *   asked: () => void, finished: () => void }} callbacks `open` shows a span in its document, `openQuery` a query; the
   *   others are called before and after every answer
   */
  constructor({ places, open, openQuery, asked, finished }) {
    this.#places = places;
    this.#open = open;
    this.#openQuery = openQuery;
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
    byId("clear-turns").addEventListener("click", () => this.#clear());
    this.#bindSettings();
  }

  /**
   * Sets the engine that is asked, and the models that write its answers; null for none.
   *
   * @param {import("./answer-models.js").AnswerModels | null} answerModels
   */
  use(engine, answerModels) {
    this.#engine = engine;
    this.#answerModels = answerModels;
    this.#showChoices();
    this.#showNote();
  }

  /** Shows the questions that were kept with a knowledge base, in the place of those of another one. */
  async show(knowledgeBase) {
    if (knowledgeBase === this.#knowledgeBase) return;
    this.stop();
    this.#knowledgeBase = knowledgeBase;
    this.#shown = [];
    this.#past = [];
    this.#turns.replaceChildren();
    const kept = await keptTurns(knowledgeBase);
    if (knowledgeBase !== this.#knowledgeBase) return;
    const restored = kept.slice(-MAX_TURNS).map(({ id, question, events }) => {
      const turn = this.#newTurn(question, { isKept: true });
      for (const event of events) turn.handle(event);
      return { turn, id };
    });
    this.#past = [...restored.map(({ turn }) => pastOf(turn)), ...this.#past].slice(-PAST_QUESTIONS);
    // Questions that were asked meanwhile are newer.
    const older = restored.reverse();
    this.#shown.push(...older);
    this.#turns.append(...older.map(({ turn }) => turn.element));
    this.#showClearing();
  }

  /** The newest turn; undefined before the first question. */
  get newest() {
    return this.#shown[0]?.turn;
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
      announce(t("ask.empty"));
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
    const turn = this.#newTurn(question);
    const shown = { turn, id: undefined };
    this.#shown.unshift(shown);
    this.#turns.prepend(turn.element);
    bringIntoView(turn.element);
    for (const { turn } of this.#shown.splice(MAX_TURNS)) turn.element.remove();
    this.#showClearing();
    try {
      const onProgress = (report) => turn.progress(report);
      for await (const event of this.#engine.ask(question, { ...this.#options(), history: this.#history, onProgress, signal: running.signal })) {
        turn.handle(event);
      }
      // A question that goes on from this one needs its words.
      const past = pastOf(turn);
      this.#past = [...this.#past, past].slice(-PAST_QUESTIONS);
      if (this.#shown.includes(shown)) shown.id = await keepTurn(this.#knowledgeBase, question, turn.events);
      if (turn.couldBeWritten && this.#answerModels.chosen === null) this.#offerModels(turn, past);
    } catch (error) {
      if (NO_MODEL.has(error.code)) turn.endWithoutModel(this.#alternatives(question));
      // Between the end of the indexing and the opening, which takes a moment.
      else if (error.code === "embedder_mismatch") turn.fail(new Error(t("ask.modelChanged")));
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

  #newTurn(question, { isKept = false } = {}) {
    const remove = (turn) => {
      this.#remove(turn);
      this.focus();
    };
    return new Turn(question, { places: this.#places, open: this.#open, openQuery: this.#openQuery, remove, isKept });
  }

  /** Removes a turn from the page, and from what is kept. The next question does not go on from it. */
  #remove(turn) {
    const shown = this.#shown.find((one) => one.turn === turn);
    this.#shown = this.#shown.filter((one) => one !== shown);
    this.#past = this.#past.filter((past) => past.turn !== turn);
    turn.element.remove();
    if (shown?.id !== undefined) void forgetTurn(shown.id);
    this.#showClearing();
  }

  /** Removes all turns. */
  async #clear() {
    this.stop();
    this.#shown = [];
    this.#past = [];
    this.#turns.replaceChildren();
    this.#showClearing();
    this.focus();
    await forgetTurns(this.#knowledgeBase);
    announce(t("ask.allRemoved"));
  }

  #showClearing() {
    byId("clear-turns").hidden = this.#shown.length < 2;
  }

  /** Buttons for an answer whose model could not be fetched. */
  #alternatives(question) {
    const button = (label, onclick) => makeButton({ class: "plain", onclick }, label);
    const stayWithQuotes = async () => {
      await this.#choose(NONE);
      this.focus();
    };
    return [button(t("ask.again"), () => this.ask(question)), button(t("ask.quotesFromNow"), stayWithQuotes)];
  }

  /** Asks once which model writes answers, below the quotes of the first question that one could write to. */
  #offerModels(turn, past) {
    const choose = async (name) => {
      turn.offer(null);
      // The button that was chosen is gone.
      this.focus();
      if (!(await this.#choose(name)) || name === NONE) return;
      this.#remove(turn);
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
      problem = t("model.answerNotChanged", { problem: errorText(error) });
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

  /** The last questions as the engine takes them. */
  get #history() {
    return this.#past.map(({ question, quotes, answer }) => ({ question, quotes, answer }));
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
      ...(chosen === null ? [["", t("model.notChosen")]] : []),
      [NONE, t("model.none")],
      ...choices.map(({ name, label, size }) => [name, t("model.sized", { label: label.toLowerCase(), size })]),
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
    if (models.chosen === NONE) note.textContent = t("model.quotesNote");
    else note.textContent = isHere ? "" : t("model.fetchNote", { size: models.choice.size });
  }
}

/** What the next question may go on from. */
const pastOf = (turn) => ({ turn, question: turn.question, quotes: turn.quotes, answer: turn.answer });

/** Scrolls to a new answer where it would begin too far down to be noticed. */
function bringIntoView(element) {
  if (element.getBoundingClientRect().top < innerHeight / 2) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
}
