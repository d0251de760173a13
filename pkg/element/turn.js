import { AnswerText } from "./answer-text.js";
import { computedTable } from "./computed-table.js";
import { make } from "./make.js";
import { withoutMarker } from "./source-address.js";
import { fill } from "./texts.js";

/** An answer in a few words that is less sure is not shown: the quote says it, or something else. */
const SURE = 0.5;

/** Passages that are named where nothing answers. */
const NEAREST = 3;

/** A question with its answer, built from the events of `engine.ask`. */
export class Turn {
  element;
  #texts;
  #citations = null;
  #quoteList = make("ol", { class: "quotes" });
  #sourceList = make("ol", { class: "quotes" });
  #pictures = make("ul", { class: "pictures", role: "list" });
  #written;
  #passages = [];
  #short = null;
  #table = null;
  #quotes = [];
  #cited = [];
  #unsupported = 0;
  #reason = null;

  /** @param {string} id of the question's line, unique in the shadow root */
  constructor(question, id, texts) {
    this.question = question;
    this.#texts = texts;
    this.#written = new AnswerText(texts);
    this.element = make("article", { class: "turn", part: "turn", "aria-labelledby": id, "aria-busy": "true" },
      make("p", { class: "question", part: "question", id, dir: "auto" }, question));
  }

  /** What makes links and buttons of citations. Set before the first event. */
  set citations(citations) {
    this.#citations = citations;
  }

  /** The detail of the event `answer`. */
  get answer() {
    return {
      question: this.question,
      reason: this.#reason,
      short: this.#short,
      table: this.#table,
      quotes: this.#quotes,
      text: this.#written.text,
      citations: this.#cited,
      unsupported: this.#unsupported,
    };
  }

  /** The answer for those who hear it: what is found, or why there is nothing. */
  get summary() {
    const texts = this.#texts;
    if (this.#reason === "aborted") return texts.stopped;
    const parts = [this.#table?.text, this.#short && `${this.#short.text}.`];
    const [quote] = this.#quotes;
    if (quote) parts.push(fill(texts.found, { count: this.#quotes.length }), `${this.#citations.line(quote)}: ${withoutMarker(quote.text)}`);
    if (this.#written.text) parts.push(this.#written.text, fill(texts.finished, { count: this.#cited.length }));
    return parts.filter(Boolean).join(" ") || texts.noAnswer;
  }

  /** Shows one event. */
  handle(event) {
    switch (event.type) {
      case "passages": this.#passages = event.passages; break;
      case "corrections": this.#showCorrections(event.corrections); break;
      case "table": this.#showTable(event); break;
      case "answer": this.#showShort(event); break;
      case "quote": this.#showQuote(event.citation); break;
      case "image": this.#showPicture(event); break;
      case "text": this.#showText(event.text); break;
      case "citation": this.#showCitation(event); break;
      case "unsupported": this.#showUnsupported(event); break;
      case "end": this.#showEnd(event.reason); break;
      default: // An event of a later version.
    }
  }

  /** Shows why there is no answer, and a button that asks again. */
  fail(message, again) {
    this.element.removeAttribute("aria-busy");
    const button = make("button", { type: "button", class: "button", part: "button", click: again }, this.#texts.tryAgain);
    this.element.append(make("div", { class: "problem", part: "problem", role: "alert" }, make("p", {}, message), button));
  }

  #section(name, ...content) {
    this.element.append(make("div", {}, make("p", { class: "kind" }, name), ...content));
  }

  #note(text) {
    this.element.append(make("p", { class: "soft" }, text));
  }

  #showCorrections(corrections) {
    this.#note(corrections.map((each) => fill(this.#texts.corrected, each)).join(" "));
  }

  #showTable(event) {
    this.#table = event;
    this.element.append(computedTable(event, this.#citations, this.#texts));
  }

  #showShort({ citation, confidence }) {
    if (confidence < SURE) return;
    this.#short = citation;
    const lang = this.#citations.language(citation);
    this.element.append(make("p", { class: "short", part: "short-answer", dir: "auto", lang }, citation.text));
  }

  #showQuote(citation) {
    if (this.#quotes.length === 0) this.#section(this.#texts.quotes, this.#quoteList);
    this.#quotes.push(citation);
    this.#list(this.#quoteList, citation);
  }

  #list(list, citation) {
    const { headings } = citation;
    const number = make("span", { class: "number" }, String(this.#citations.number(citation)));
    const source = this.#citations.control(citation, { class: "source", part: "source" }, this.#citations.line(citation));
    list.append(make("li", { class: "quote", part: "quote", dir: "auto" },
      make("blockquote", { lang: this.#citations.language(citation) }, ...this.#marked(citation)),
      make("p", { class: "source-line" }, number, " ", source, ...(headings ? [make("span", { class: "headings" }, headings)] : []))));
  }

  /** The text of a quote, with the answer in a few words marked. */
  #marked({ documentId, start, end, text }) {
    const short = this.#short;
    if (short?.documentId !== documentId || short.start < start || short.end > end) return [withoutMarker(text)];
    return [withoutMarker(text.slice(0, short.start - start)), make("mark", {}, short.text), text.slice(short.end - start)];
  }

  /** Pictures are drawn: a policy may forbid images that are no files of the site. */
  #showPicture({ citation, caption, thumbnail }) {
    const source = this.#citations.line(citation);
    const canvas = make("canvas", { role: "img", "aria-label": caption || fill(this.#texts.picture, { source }) });
    drawPicture(canvas, thumbnail).catch(() => canvas.remove());
    const control = this.#citations.control(citation, { class: "source", part: "source" }, source);
    const headings = caption ? [make("span", { class: "headings" }, caption)] : [];
    this.#pictures.append(make("li", {}, canvas, make("p", { class: "source-line" }, control, ...headings)));
    if (!this.#pictures.isConnected) this.#section(this.#texts.pictures, this.#pictures);
  }

  #showText(text) {
    if (!this.#written.element.parentNode) this.#section(this.#texts.written, this.#written.element);
    this.#written.append(text);
  }

  #showCitation({ citation, textEnd }) {
    this.#written.cite(textEnd, this.#citations.marker(citation));
    const isSame = (other) => this.#citations.number(other) === this.#citations.number(citation);
    if (this.#cited.some(isSame)) return;
    this.#cited.push(citation);
    if (!this.#quotes.some(isSame)) this.#list(this.#sourceList, citation);
  }

  #showUnsupported({ text, textStart, textEnd }) {
    this.#unsupported += 1;
    this.#written.fold(textStart, textEnd, text);
  }

  #showEnd(reason) {
    const texts = this.#texts;
    this.#reason = reason;
    this.element.removeAttribute("aria-busy");
    if (this.#unsupported > 0) this.#note(texts.unsupportedNote);
    if (this.#sourceList.childElementCount > 0) this.#section(texts.alsoCited, this.#sourceList);
    if (reason === "aborted") this.#note(texts.stopped);
    else if (reason === "length") this.#note(texts.cutOff);
    else if (this.#isEmpty) this.#showNothing();
  }

  get #isEmpty() {
    return !this.#table && this.#quotes.length === 0 && !this.#written.text;
  }

  #showNothing() {
    const texts = this.#texts;
    this.element.append(make("p", { class: "nothing" }, make("strong", {}, texts.noAnswer), " ", texts.noAnswerHint));
    if (this.#passages.length === 0) return;
    const items = this.#passages.slice(0, NEAREST)
      .map((passage) => make("li", {}, this.#citations.control(passage, { class: "source", part: "source" }, this.#citations.line(passage))));
    this.element.append(make("details", { dir: "auto" }, make("summary", {}, texts.nearest), make("ul", { class: "nearest" }, ...items)));
  }
}

async function drawPicture(canvas, jpeg) {
  const bitmap = await createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
}
