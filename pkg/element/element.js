import { aborted } from "../errors.js";
import { AttributeElement } from "./attributes.js";
import { Citations } from "./citations.js";
import { Documents } from "./documents.js";
import { make } from "./make.js";
import { OwnEngine } from "./own-engine.js";
import { PassageDialog } from "./passage-dialog.js";
import { ProgressLine } from "./progress.js";
import { QuestionForm } from "./question-form.js";
import { Status } from "./status.js";
import { styles } from "./styles.js";
import { fill, languageOf, textsFor } from "./texts.js";
import { Turn } from "./turn.js";

const MAX_TURNS = 30;
/** Questions that the next one may go on from. */
const PAST_QUESTIONS = 4;
/** After these the engine that was opened is of no use: one in memory is empty when its worker died. */
const LOST = new Set(["worker_failed", "closed", "storage_closed", "empty_knowledge_base"]);

/** Attributes that say which knowledge base is asked. */
const SOURCE = ["name", "src", "integrity", "models"];
const PROPERTIES = [...SOURCE, "engine", "openOptions", "askOptions", "texts", "placeholder", "limit", "generator", "preload"];

/** A question box with cited answers. index.d.ts has its documentation. */
export class MultimodalRagElement extends AttributeElement {
  static observedAttributes = [...SOURCE, "placeholder", "lang", "preload"];

  #given = null;
  #own = new OwnEngine();
  #openOptions = {};
  #askOptions = {};
  #ownTexts = {};
  #texts = textsFor("en");
  #documents = null;
  #past = [];
  #running = null;
  #asked = 0;

  #form = new QuestionForm({ ask: (question) => this.ask(question), stop: () => this.stop() });
  #progress = new ProgressLine();
  #status = new Status();
  #empty = make("slot", { name: "empty" });
  #turns = make("div", { part: "turns", role: "region" });
  #clearButton = make("button", { type: "button", class: "button", part: "button" });
  #dialog = new PassageDialog();
  #frame = make("div", { class: "frame" });
  #languages = new MutationObserver(() => this.#relabel());

  constructor() {
    super();
    const foot = make("div", { class: "foot" }, this.#clearButton, make("slot", { name: "footer" }));
    this.#frame.append(this.#form.element, this.#progress.element, this.#status.element, this.#empty, this.#turns, foot, this.#dialog.element);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles()];
    root.append(this.#frame);
    this.#relabel();
    this.#listen();
  }

  connectedCallback() {
    for (const name of PROPERTIES) this.#takeEarly(name);
    this.#relabel();
    this.#languages.observe(this.ownerDocument, { attributeFilter: ["lang"], subtree: true });
    if (this.preload) this.#openEarly();
  }

  disconnectedCallback() {
    this.stop();
    this.#languages.disconnect();
    // An element that is only moved keeps its engine.
    setTimeout(() => this.isConnected || this.#closeOwn());
  }

  attributeChangedCallback(name, before, now) {
    if (before === now) return;
    if (SOURCE.includes(name)) this.#forget();
    if (!this.isConnected) return;
    if (name === "lang" || name === "placeholder") this.#relabel();
    else if (this.preload) this.#openEarly();
  }

  get engine() {
    return this.#given;
  }

  set engine(engine) {
    this.#forget();
    this.#given = engine ?? null;
  }

  get openOptions() {
    return this.#openOptions;
  }

  set openOptions(options) {
    this.#forget();
    this.#openOptions = options ?? {};
  }

  get askOptions() {
    return this.#askOptions;
  }

  set askOptions(options) {
    this.#askOptions = options ?? {};
  }

  get texts() {
    return this.#ownTexts;
  }

  set texts(texts) {
    this.#ownTexts = texts ?? {};
    this.#relabel();
  }

  /** Puts the cursor into the question box. */
  focus(options) {
    this.#form.focus(options);
  }

  /** Asks, and resolves to the detail of `answer`; to null where there was an error or no question. */
  async ask(question) {
    const asked = String(question).trim();
    if (!asked) return null;
    this.stop();
    const running = new AbortController();
    this.#running = running;
    const turn = this.#newTurn(asked);
    this.#showState();
    this.#tell("ask", { question: asked });
    try {
      await this.#answer(turn, running.signal);
    } catch (error) {
      if (error.code !== "aborted" && !running.signal.aborted) return this.#fail(turn, error);
      turn.handle({ type: "end", reason: "aborted" });
    } finally {
      if (this.#running === running) this.#running = null;
      this.#showState();
    }
    if (this.#running === null) this.#status.say(turn.summary);
    this.#tell("answer", turn.answer);
    return turn.answer;
  }

  /** Stops the running answer. What is there of it stays. */
  stop() {
    this.#running?.abort();
  }

  /** Removes all questions and answers. */
  clear() {
    this.stop();
    this.#past = [];
    this.#turns.replaceChildren();
    this.#status.say("");
    this.#showState();
  }

  #listen() {
    this.#form.element.addEventListener("focusin", () => this.#openEarly());
    this.#frame.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#running || this.#dialog.element.open) return;
      // A dialog of the page that the element is in stays open.
      event.preventDefault();
      this.stop();
    });
    this.#clearButton.addEventListener("click", () => {
      this.clear();
      this.focus();
    });
    // Questions that the page suggests.
    this.#empty.addEventListener("click", (event) => {
      const suggestion = event.target.closest("[data-question]");
      if (!suggestion) return;
      this.focus();
      this.ask(suggestion.dataset.question);
    });
  }

  async #answer(turn, signal) {
    const engine = await unlessAborted(this.#open(), signal);
    this.#documents ??= new Documents(engine, this.src || this.ownerDocument.baseURI);
    const documents = this.#documents;
    const texts = this.#texts;
    turn.citations = new Citations({ host: this, documents, dialog: this.#dialog, texts });
    this.#progress.say(texts.searching);
    for await (const event of engine.ask(turn.question, this.#optionsOf(signal))) {
      await documents.learn(event);
      turn.handle(event);
      if (event.type === "text") this.#progress.say(texts.writing);
    }
    // Another knowledge base may be asked by now.
    if (signal.aborted) return;
    const { question, quotes, text } = turn.answer;
    this.#past = [...this.#past, { question, quotes: quotes.map((quote) => quote.text), answer: text }].slice(-PAST_QUESTIONS);
  }

  #optionsOf(signal) {
    const options = { ...this.#askOptions, history: this.#past, unsupported: "hide", signal };
    if (this.limit !== null) options.limit = this.limit;
    if (this.generator === "off") options.maxTokens = 0;
    options.onProgress = (progress) => signal.aborted || this.#progress.show(progress, this.#texts);
    return options;
  }

  /** Resolves to the engine of the page, or to one that is opened now. */
  async #open() {
    if (this.#given) return this.#given;
    const { name, src, integrity, models, openOptions: options } = this;
    const knowledgeBase = () => {
      this.#progress.say(this.#texts.opening);
      return { name, src, integrity, models, options };
    };
    return this.#own.open(knowledgeBase, (progress) => this.#progress.show(progress, this.#texts));
  }

  /** Opens it before a question needs it. Where that fails, the question tries again. */
  async #openEarly() {
    try {
      await this.#open();
      this.#showState();
    } catch (error) {
      if (this.#running) return;
      this.#progress.say(this.#messageOf(error));
      this.#status.say(this.#messageOf(error));
      this.#tell("error", { error });
    }
  }

  /** Another knowledge base is asked from now on. */
  #forget() {
    this.clear();
    this.#closeOwn();
  }

  #closeOwn() {
    this.#documents = null;
    this.#own.close();
  }

  #newTurn(question) {
    this.#asked += 1;
    const turn = new Turn(question, `question-${this.#asked}`, this.#texts);
    this.#turns.prepend(turn.element);
    while (this.#turns.childElementCount > MAX_TURNS) this.#turns.lastElementChild.remove();
    this.#status.say(this.#texts.searching);
    return turn;
  }

  #fail(turn, error) {
    if (LOST.has(error.code)) this.#closeOwn();
    const again = () => {
      turn.element.remove();
      this.focus();
      this.ask(turn.question);
    };
    this.#status.say("");
    turn.fail(this.#messageOf(error), again);
    this.#tell("error", { question: turn.question, error });
    return null;
  }

  #messageOf({ code, message }) {
    return this.#texts.errors[code] ?? fill(this.#texts.failed, { message });
  }

  /** `error` stays at the element, as that of an image does: pages listen to all errors that reach the window. */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: type !== "error", composed: true }));
  }

  /** Shows whether a question is answered now, and whether there are any. */
  #showState() {
    const isRunning = this.#running !== null;
    const hasTurns = this.#turns.childElementCount > 0;
    this.#form.isRunning = isRunning;
    if (!isRunning) this.#progress.hide();
    this.#empty.hidden = hasTurns;
    this.#turns.hidden = !hasTurns;
    this.#clearButton.hidden = !hasTurns;
  }

  #relabel() {
    this.#texts = textsFor(languageOf(this), this.#ownTexts);
    const texts = this.#texts;
    this.#frame.lang = texts.language;
    this.#form.label(texts, this.placeholder);
    this.#clearButton.textContent = texts.clear;
    this.#turns.setAttribute("aria-label", texts.history);
    this.#showState();
  }

  /** Takes a property that was set before the element was defined. */
  #takeEarly(name) {
    if (!Object.prototype.hasOwnProperty.call(this, name)) return;
    const value = this[name];
    delete this[name];
    this[name] = value;
  }
}

/** Waits for `promise` until the signal aborts. The next question may wait for the same one. */
function unlessAborted(promise, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(aborted(signal));
    signal.addEventListener("abort", () => reject(aborted(signal)), { once: true });
    promise.then(resolve, reject);
  });
}
