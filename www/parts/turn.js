import { announce, SentenceAnnouncer } from "./announce.js";
import { NONE } from "./answer-models.js";
import { AnswerText } from "./answer-text.js";
import { make, makeButton } from "./dom.js";
import { withoutMarker } from "./format.js";
import { ProgressBar } from "./progress.js";
import { tableAnswer } from "./tables/table-answer.js";
import { errorText, placeTextOf, t } from "./texts/texts.js";
import { turnActions } from "./turn-actions.js";
import { why } from "./why.js";

/** An answer that is less sure is not marked: the quote says it, or something else. */
const SURE = 0.5;

const spanKey = ({ documentId, start, end }) => `${documentId} ${start} ${end}`;

let turns = 0;

/** One question on the page, with its quotes, its answer and its outcome. */
export class Turn {
  element = make("article", { class: "turn" });
  question;
  /** What the engine has told of it. */
  events = [];
  #places;
  #open;
  #openQuery;
  #remove;
  #isKept;
  #state = make("div", { class: "state" });
  #progress = new ProgressBar(t("turn.progress"));
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
  /** The same with how sure it is. */
  #sure = null;
  /** Whether an answer was computed from a table. */
  #isComputed = false;
  #quoted = [];

  /**
   * @param {string} question
   * @param {{ places: import("./places.js").Places, open: (span: object) => void, openQuery: (sql: string) => void,
   *   remove: (turn: Turn) => void, isKept?: boolean }} options `open` shows a passage or a citation in its document,
   *   `openQuery` a query to change it; of a turn that was kept nothing is announced
   */
  constructor(question, { places, open, openQuery, remove, isKept = false }) {
    this.question = question;
    this.#remove = remove;
    this.#isKept = isKept;
    this.#places = places;
    this.#open = open;
    this.#openQuery = openQuery;
    const heading = make("h3", {}, question);
    heading.id = `turn-${(turns += 1)}`;
    this.element.setAttribute("aria-labelledby", heading.id);
    this.element.append(heading, this.#state);
    this.#showStep(t("turn.searching"));
  }

  /** Shows one event of `engine.ask`. */
  handle(event) {
    this.events.push(event);
    switch (event.type) {
      case "passages": return this.#showPassages(event.passages);
      case "corrections": return this.#showCorrections(event.corrections);
      case "table": return this.#showTable(event);
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
    const button = (name, label, remark) =>
      make("li", {}, makeButton({ class: "button", onclick: () => choose(name) }, label), ` ${remark}`);
    const title = make("p", {}, t("turn.offer"));
    const list = make("ul", { class: "offer-choices" },
      ...choices.map(({ name, label, remark, size }) => button(name, t("model.sized", { label, size }), remark)),
      button(NONE, t("turn.offerNone"), t("turn.offerNoneRemark")));
    const offer = make("div", { class: "offer", role: "group", "aria-label": t("turn.offerLabel") }, title, list);
    this.element.querySelector(".outcome")?.replaceWith(offer);
    this.#say(t("turn.offerSay"));
  }

  /** Shows the progress of the answer model: of its download, or of reading the passages. */
  progress(report) {
    this.#state.hidden = false;
    this.#progress.show(report, t(report.stage === "read" ? "progress.passages" : "progress.answerModel"));
  }

  /** Shows that the question could not be answered, and why. */
  fail(error) {
    this.#endProgress();
    this.element.append(make("p", { class: "problem", role: "alert" }, errorText(error)));
  }

  /** Ends an answer that stops at its quotes, because the answer model could not be fetched. @param {HTMLElement[]} alternatives buttons */
  endWithoutModel(alternatives) {
    this.#endProgress();
    const isQuoted = this.#quotes.childElementCount > 0;
    this.element.append(make(
      "div",
      { class: "problem", role: "alert" },
      make("p", {}, t(isQuoted ? "turn.noModelQuoted" : "turn.noModel")),
      make("p", { class: "problem-actions" }, ...alternatives),
    ));
    this.element.append(this.#why({}, undefined), this.#actions());
  }

  #say(text) {
    if (!this.#isKept) announce(text);
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
    this.#showStep(t("turn.choosing"));
  }

  #showCorrections(corrections) {
    const changed = corrections.map(({ from, to }) => t("turn.correction", { from, to }));
    this.element.insertBefore(make("p", { class: "note" }, changed.join(" ")), this.#state);
    this.#say(changed.join(" "));
  }

  /** An answer that was computed stands first, and says what it is computed from. */
  #showTable(event) {
    this.#isComputed = true;
    this.#section(t("turn.computed"), tableAnswer(event, { places: this.#places, open: this.#open, openQuery: this.#openQuery }));
    this.#say(t("turn.computedSay", { text: event.text, name: event.table.documentName }));
  }

  /** The quote that holds the answer comes next, and shows it in bold. */
  #showAnswer({ citation, confidence }) {
    if (confidence < SURE) return;
    this.#short = citation;
    this.#sure = { text: citation.text, confidence };
  }

  #showQuote({ citation }) {
    if (!this.#quotes.isConnected) {
      this.#section(t("turn.quotes"), this.#quotes);
      const answer = this.#short ? `${this.#short.text}. ` : "";
      this.#say(answer + t("turn.quotedFrom", { source: this.#places.line(citation), text: withoutMarker(citation.text) }));
    }
    this.#quoted.push(citation.text);
    this.#list(this.#quotes, citation);
  }

  /** A picture that is quoted, below the quotes. It opens at what is quoted. */
  #showImage({ citation, caption, thumbnail }) {
    const name = this.#places.name(citation);
    const where = [name, placeTextOf(citation)].filter(Boolean).join(", ");
    const image = make("img", { alt: "", src: URL.createObjectURL(new Blob([thumbnail], { type: "image/jpeg" })) });
    image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
    const button = makeButton({ class: "plain", "aria-label": t("turn.openPicture", { name }), onclick: () => this.#open(citation) }, image);
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
    const button = makeButton(
      { class: "plain quote", onclick: () => this.#open(citation) },
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
      this.#section(t("turn.answer"), this.#answer);
      this.element.classList.add("writing");
      this.#state.hidden = true;
    }
    this.#text.append(text);
    if (!this.#isKept) this.#sentences.add(text);
  }

  #showCitation({ citation, textEnd }) {
    const number = this.#number(citation);
    const marker = makeButton(
      {
        class: "number citation",
        title: `${this.#places.line(citation)}: ${withoutMarker(citation.text)}`,
        "aria-label": t("turn.source", { number, source: this.#places.line(citation) }),
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
      this.element.append(make("h4", {}, t("turn.alsoCited")), this.#sources);
    }
    this.element.append(this.#why(timings, reason), this.#actions());
    this.#say(this.#summary(reason));
  }

  #why(timings, reason) {
    return why({ passages: this.#passages, short: this.#sure, timings, reason }, { places: this.#places, open: this.#open });
  }

  #actions() {
    const { question, events } = this;
    return turnActions({ turn: { question, events }, places: this.#places, remove: () => this.#remove(this) });
  }

  #legend() {
    return make("p", { class: "legend" }, t(this.#unsupported === 1 ? "turn.legendOne" : "turn.legendSeveral"));
  }

  #outcome(reason) {
    const line = (...content) => make("p", { class: "outcome" }, ...content);
    if (reason === "no_answer") {
      return line(
        make("strong", {}, t("turn.noAnswer")),
        make("br"),
        t("turn.noAnswerHint"),
      );
    }
    if (reason === "no_generator") return line(t(this.#isComputed ? "turn.computedOutcome" : "turn.quotesOnly"));
    if (this.#unsupported > 0 && this.#cited.size === 0) return line(t("turn.nothingSupported"));
    if (reason === "aborted") return line(t("turn.stopped"));
    if (reason === "length") return line(t("turn.cutOff"));
    return null;
  }

  #summary(reason) {
    if (reason === "aborted") return t("turn.stopped");
    if (this.#isComputed && this.#text.text === "") return t("turn.computedOutcome");
    if (reason === "no_answer") return t("turn.noAnswer");
    if (reason === "no_generator") return t("turn.quotesFound", { count: this.#quotes.childElementCount });
    const parts = [t("turn.finished", { count: this.#cited.size })];
    if (this.#unsupported > 0) parts.push(t("turn.unsupportedCount", { count: this.#unsupported }));
    return parts.join(" ");
  }
}
