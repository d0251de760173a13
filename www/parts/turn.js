import { announce, SentenceAnnouncer } from "./announce.js";
import { NONE } from "./answer-models.js";
import { AnswerText } from "./answer-text.js";
import { make } from "./dom.js";
import { plural, withoutMarker } from "./format.js";
import { ProgressBar } from "./progress.js";
import { timingsLine } from "./timings.js";

/** An answer that is less sure is not marked: the quote says it, or something else. */
const SURE = 0.5;

/** Characters of a passage that tell which one it is. */
const EXCERPT_CHARS = 140;

const spanKey = ({ documentId, start, end }) => `${documentId} ${start} ${end}`;

let turns = 0;

/** One question on the page, with its quotes, its answer and its outcome. */
export class Turn {
  element = make("article", { class: "turn" });
  #places;
  #open;
  #state = make("div", { class: "state" });
  #progress = new ProgressBar("Progress of this answer");
  #quotes = make("ol", { class: "quotes best" });
  #pictures = make("div", { class: "pictures" });
  #answer = make("p", { class: "answer" });
  #text = new AnswerText(this.#answer);
  #sentences = new SentenceAnnouncer();
  #sources = make("ol", { class: "quotes" });
  /** The number of each place that is quoted or cited, in the order of appearance. */
  #numbers = new Map();
  #listed = new Set();
  #cited = new Set();
  #unsupported = 0;
  #reason = null;
  #passages = [];
  /** The place of the answer in a few words. */
  #short = null;
  #quoted = [];

  /**
   * @param {string} question
   * @param {{ places: import("./places.js").Places, open: (span: object) => void }} options `open` shows a passage or a
   *   citation in its document
   */
  constructor(question, { places, open }) {
    this.#places = places;
    this.#open = open;
    const heading = make("h3", {}, question);
    heading.id = `turn-${(turns += 1)}`;
    this.element.setAttribute("aria-labelledby", heading.id);
    this.element.append(heading, this.#state);
    this.#showStep("Searching your documents");
  }

  /** Shows one event of `engine.ask`. */
  handle(event) {
    switch (event.type) {
      case "passages": return this.#showPassages(event.passages);
      case "corrections": return this.#showCorrections(event.corrections);
      case "answer": return this.#showAnswer(event);
      case "quote": return this.#showQuote(event);
      case "image": return this.#showImage(event);
      case "text": return this.#showText(event.text);
      case "citation": return this.#showCitation(event);
      case "unsupported": return this.#showUnsupported(event);
      case "end": return this.#showEnd(event);
      default: // An event of a later version.
    }
  }

  /** The texts that were quoted. */
  get quotes() {
    return this.#quoted;
  }

  /** The text that was written, without what is hidden. */
  get answer() {
    return this.#text.text;
  }

  /** Whether something was found, and nothing was written of it. */
  get couldBeWritten() {
    return this.#reason === "no_generator" && this.#quoted.length > 0;
  }

  /**
   * Asks which model is to write answers; null takes the question away.
   *
   * @param {{ name: string, label: string, remark: string, size: string }[] | null} choices
   * @param {(name: string) => void} choose is called with the name of one, or with `NONE`
   */
  offer(choices, choose) {
    this.element.querySelector(".offer")?.remove();
    if (!choices || choices.length === 0) return;
    const button = (name, label, remark) => make("li", {}, make(
      "button", { type: "button", class: "button", onclick: () => choose(name) }, label,
    ), ` ${remark}`);
    const title = make("p", {}, "Shall a model also write an answer in its own words? It is fetched once, and runs on this device.");
    const list = make("ul", { class: "offer-choices" },
      ...choices.map(({ name, label, remark, size }) => button(name, `${label} (${size})`, remark)),
      button(NONE, "Quotes only", "nothing is fetched"));
    this.element.querySelector(".outcome")?.replaceWith(make("div", { class: "offer", role: "group", "aria-label": "Written answers" }, title, list));
    announce("Choose whether a model writes answers too.");
  }

  /** Shows the progress of the answer model: of its download, or of reading the passages. */
  progress(report) {
    this.#state.hidden = false;
    this.#progress.show(report, report.stage === "read" ? "the passages" : "the answer model");
  }

  /** Shows that the question could not be answered, and why. */
  fail(error) {
    this.#endProgress();
    this.element.append(make("p", { class: "problem", role: "alert" }, error.message));
  }

  /** Ends an answer that stops at its quotes, because the answer model could not be fetched. @param {HTMLElement[]} alternatives buttons */
  endWithoutModel(alternatives) {
    this.#endProgress();
    const found = this.#quotes.childElementCount > 0 ? "The quotes above are from your documents all the same. " : "";
    this.element.append(make(
      "div",
      { class: "problem", role: "alert" },
      make("p", {}, `No answer was written: the answer model could not be fetched. ${found}Answers need a connection until the model is here.`),
      make("p", { class: "problem-actions" }, ...alternatives),
    ));
    if (this.#passages.length > 0) this.element.append(this.#retrieved());
  }

  #showStep(text) {
    this.#progress.say(text);
    this.#state.replaceChildren(...this.#progress.elements);
  }

  #endProgress() {
    this.#state.remove();
    this.element.classList.remove("writing");
  }

  #section(title, content) {
    this.element.insertBefore(make("h4", {}, title), this.#state);
    this.element.insertBefore(content, this.#state);
  }

  #showPassages(passages) {
    this.#passages = passages;
    this.#showStep("Choosing quotes");
  }

  #showCorrections(corrections) {
    const changed = corrections.map(({ from, to }) => `“${from}” is in no document; “${to}” was searched instead.`);
    this.element.insertBefore(make("p", { class: "note" }, changed.join(" ")), this.#state);
    announce(changed.join(" "));
  }

  /** The quote that holds the answer comes next, and shows it in bold. */
  #showAnswer({ citation, confidence }) {
    if (confidence >= SURE) this.#short = citation;
  }

  #showQuote({ citation }) {
    if (!this.#quotes.isConnected) {
      this.#section("From your documents", this.#quotes);
      const answer = this.#short ? `${this.#short.text}. ` : "";
      announce(`${answer}Quoted from ${this.#places.line(citation)}: ${withoutMarker(citation.text)}`);
    }
    this.#quoted.push(citation.text);
    this.#list(this.#quotes, citation);
  }

  /** A picture that is quoted, below the quotes. It opens at what is quoted. */
  #showImage({ citation, caption, thumbnail }) {
    const name = this.#places.name(citation);
    const where = [name, citation.placeText].filter(Boolean).join(", ");
    const image = make("img", { alt: "", src: URL.createObjectURL(new Blob([thumbnail], { type: "image/jpeg" })) });
    image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
    const button = make("button", { type: "button", class: "plain", "aria-label": `Open the picture ${name}`, onclick: () => this.#open(citation) }, image);
    const lines = [caption, where].filter(Boolean).map((line) => make("span", {}, line));
    this.#pictures.append(make("figure", {}, button, make("figcaption", {}, ...lines)));
    if (!this.#pictures.isConnected) this.element.insertBefore(this.#pictures, this.#state);
  }

  /** One number for each place: passages, which the engine numbers, may hold several. */
  #number(citation) {
    const key = spanKey(citation);
    if (!this.#numbers.has(key)) this.#numbers.set(key, this.#numbers.size + 1);
    return String(this.#numbers.get(key));
  }

  #list(list, citation) {
    this.#listed.add(spanKey(citation));
    const button = make(
      "button",
      { type: "button", class: "plain quote", onclick: () => this.#open(citation) },
      make("span", { class: "number", "aria-hidden": "true" }, this.#number(citation)),
      make("span", {}, make("q", {}, ...this.#marked(citation))),
      make("span", { class: "source" }, this.#places.line(citation)),
      ...(citation.headings ? [make("span", { class: "headings" }, citation.headings)] : []),
    );
    list.append(make("li", {}, button));
  }

  /** The text of a quote, with the answer in bold. */
  #marked({ documentId, start, end, text }) {
    const short = this.#short;
    if (short?.documentId !== documentId || short.start < start || short.end > end) return [withoutMarker(text)];
    const [before, after] = [text.slice(0, short.start - start), text.slice(short.end - start)];
    return [withoutMarker(before), make("strong", { class: "short-answer" }, short.text), after];
  }

  #showText(text) {
    if (!this.#answer.isConnected) {
      this.#section("Answer", this.#answer);
      this.element.classList.add("writing");
      this.#state.hidden = true;
    }
    this.#text.append(text);
    this.#sentences.add(text);
  }

  #showCitation({ citation, textEnd }) {
    const number = this.#number(citation);
    const marker = make(
      "button",
      {
        type: "button",
        class: "number citation",
        title: `${this.#places.line(citation)}: ${withoutMarker(citation.text)}`,
        "aria-label": `Source ${number}, ${this.#places.line(citation)}`,
        onclick: () => this.#open(citation),
      },
      number,
    );
    this.#text.insertMarker(textEnd, marker);
    this.#cited.add(spanKey(citation));
    if (!this.#listed.has(spanKey(citation))) this.#list(this.#sources, citation);
  }

  /** A sentence that is supported by nothing is hidden: "…" stands for it, and shows it. */
  #showUnsupported({ text, textStart, textEnd }) {
    this.#text.foldUnsupported(textStart, textEnd, text);
    this.#unsupported += 1;
  }

  #showEnd({ reason, timings }) {
    this.#reason = reason;
    this.#endProgress();
    this.#sentences.finish();
    if (this.#unsupported > 0) this.element.append(this.#legend());
    const outcome = this.#outcome(reason);
    if (outcome) this.element.append(outcome);
    if (this.#sources.childElementCount > 0) {
      this.element.append(make("h4", {}, "Also cited"), this.#sources);
    }
    const line = timingsLine(timings);
    if (line) this.element.append(line);
    if (this.#passages.length > 0) this.element.append(this.#retrieved(reason));
    announce(this.#summary(reason));
  }

  #legend() {
    const one = this.#unsupported === 1;
    const what = one ? "a sentence that your documents do not support. It is" : `sentences that your documents do not support. They are`;
    return make("p", { class: "legend" }, `“…” stands for ${what} hidden until you choose “…”.`);
  }

  #outcome(reason) {
    const line = (...content) => make("p", { class: "outcome" }, ...content);
    if (reason === "no_answer") {
      return line(
        make("strong", {}, "Nothing in your documents is near enough to answer this."),
        make("br"),
        "Ask in other words, or add a document that covers it.",
      );
    }
    if (reason === "no_generator") return line("Quotes only: no answer was written.");
    if (this.#unsupported > 0 && this.#cited.size === 0) return line("The model wrote nothing that your documents support.");
    if (reason === "aborted") return line("Stopped.");
    if (reason === "length") return line("Cut off at the chosen answer length.");
    return null;
  }

  #summary(reason) {
    if (reason === "no_answer") return "Nothing in your documents is near enough to answer this.";
    if (reason === "aborted") return "Stopped.";
    if (reason === "no_generator") return `${plural(this.#quotes.childElementCount, "quote")} found.`;
    const parts = [`Answer finished, ${plural(this.#cited.size, "source")} cited.`];
    if (this.#unsupported > 0) parts.push(`${plural(this.#unsupported, "sentence")} not supported by your documents.`);
    return parts.join(" ");
  }

  #retrieved(reason) {
    const items = this.#passages.map((passage) => {
      const scores = [`score ${passage.score?.toFixed(2)}`];
      if (passage.scores) scores.push(`meaning ${passage.scores.dense?.toFixed(2)}`, `words ${passage.scores.lexical?.toFixed(2)}`);
      return make("li", {}, make(
        "button",
        { type: "button", class: "plain", onclick: () => this.#open(passage) },
        make("span", {}, excerptOf(passage.text)),
        make("span", { class: "scores" }, `${this.#places.line(passage)}, ${scores.join(", ")}`),
      ));
    });
    const title = reason === "no_answer" ? "The nearest passages all the same" : "What was retrieved";
    return make("details", { class: "retrieved" }, make("summary", {}, title), make("ol", {}, ...items));
  }
}

/** The beginning of a passage on a line, up to the end of a word. */
function excerptOf(passage) {
  const text = withoutMarker(passage).replace(/\s+/g, " ").trim();
  if (text.length <= EXCERPT_CHARS) return text;
  return `${text.slice(0, EXCERPT_CHARS).replace(/\s\S*$/, "")}…`;
}
