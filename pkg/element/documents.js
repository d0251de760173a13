import { placeLine } from "./places.js";
import { sourceAddress } from "./source-address.js";
import { fill } from "./texts.js";

/** What is known of the documents of an engine: names, languages, and addresses where their metadata has a `url`. */
export class Documents {
  #engine;
  #base;
  #known = new Map();

  /** @param {string} base what addresses in metadata are relative to */
  constructor(engine, base) {
    this.#engine = engine;
    this.#base = base;
  }

  /** Asks for the list of documents where an event is of one that is not known yet. */
  async learn(event) {
    const spans = [...(event.passages ?? []), event.citation, event.table].filter(Boolean);
    if (spans.every(({ documentId }) => this.#known.has(documentId))) return;
    for (const entry of await this.#engine.documents()) this.#known.set(entry.id, entry);
    // A document that was removed since is not asked for again.
    for (const { documentId } of spans) if (!this.#known.has(documentId)) this.#known.set(documentId, {});
  }

  /** The language of a document's text; undefined where it is not known. */
  language(id) {
    return this.#known.get(id)?.language;
  }

  /** Where a citation is: "report.pdf, page 12". */
  line(citation, texts) {
    const { documentId, documentName, place } = citation;
    const container = this.#known.get(this.#known.get(documentId)?.container);
    const name = container ? fill(texts.member, { name: documentName, container: container.name }) : documentName;
    return [name, placeLine(place, texts)].filter(Boolean).join(", ");
  }

  /** The address of a cited place; null where its document has none. */
  address(citation) {
    const { metadata, type } = this.#known.get(citation.documentId) ?? {};
    return sourceAddress(metadata?.url, this.#base, type ?? "", citation);
  }

  /** The text around a cited place, in three parts: what is before, the place itself, what is after. */
  async around({ documentId, start, end, text }, chars) {
    const whole = await this.#engine.text(documentId).catch(() => null);
    if (whole === null) return ["", text, ""];
    const before = whole.slice(Math.max(0, start - chars), start);
    const after = whole.slice(end, end + chars);
    return [
      start > chars ? `…${before.replace(/^\S*\s/, "")}` : before,
      whole.slice(start, end),
      end + chars < whole.length ? `${after.replace(/\s\S*$/, "")}…` : after,
    ];
  }
}
