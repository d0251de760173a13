// Documents and spans as sources and citations of the AI SDK.

import { METADATA_KEY } from "./provider.js";

/** The documents that an answer cites. */
export class Sources {
  #engine;
  #documents = null; // by id, read when the first one is cited
  #named = new Set();

  constructor(engine) {
    this.#engine = engine;
  }

  /** A source part for each cited document that had none yet. */
  async *newOnes(citations) {
    for (const citation of citations) {
      if (this.#named.has(citation.documentId)) continue;
      this.#named.add(citation.documentId);
      yield await this.#sourceOf(citation);
    }
  }

  /** A citation of the text from `startIndex` to `endIndex`. */
  async citation(citation, startIndex, endIndex) {
    const { number, chunkId, start, end, placeText, headings } = citation;
    // Undefined entries are no JSON.
    const place = JSON.parse(JSON.stringify({ number, chunkId, start, end, placeText, headings: headings || undefined }));
    const source = { ...(await this.#sourceOf(citation)), providerMetadata: { [METADATA_KEY]: place } };
    return { source, startIndex, endIndex, citedText: citation.text };
  }

  async #sourceOf({ documentId, documentName }) {
    this.#documents ??= new Map((await this.#engine.documents()).map((document) => [document.id, document]));
    // A document that was removed meanwhile is still cited.
    const { type = "text/plain", title = documentName } = this.#documents.get(documentId) ?? {};
    return { type: "source", sourceType: "document", id: documentId, mediaType: type, title, filename: documentName };
  }
}
