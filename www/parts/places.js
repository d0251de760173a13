import { placeTextOf, t } from "./texts/texts.js";

/** What the page knows of its documents by their id, for names and places. */
export class Places {
  #documents = new Map();

  /** @param {object[]} documents all documents of the knowledge base */
  set documents(documents) {
    this.#documents = new Map(documents.map((entry) => [entry.id, entry]));
  }

  /** What the engine says of a document; undefined once it is removed. */
  document(id) {
    return this.#documents.get(id);
  }

  /** "report.pdf", or "contract.pdf in mail.zip" for a member of a container. */
  name({ documentId, documentName }) {
    const container = this.#documents.get(this.#documents.get(documentId)?.container);
    return container ? t("place.member", { name: documentName, container: container.name }) : documentName;
  }

  /** Where a passage or a citation is: "report.pdf, page 12". */
  line(span) {
    const parts = [this.name(span), placeTextOf(span), readInPicture(span.place)];
    return parts.filter(Boolean).join(", ");
  }
}

/** Words that were read less surely than this may be wrong. */
const SURE = 0.85;

/** Whether words were read in a picture, and how surely; empty where they are text of the file. */
function readInPicture(place) {
  if (place?.sureness === undefined) return "";
  return place.sureness >= SURE ? t("place.readInPicture") : t("place.readUnsurely", { percent: Math.round(place.sureness * 100) });
}

/** A place as the heading of what is there: "Page 12", "Message of 3 May 2025, R. Okafor"; empty where nothing is known. */
export function placeHeading(span) {
  const placeText = placeTextOf(span);
  if (span.place?.message) return t("place.message", { place: placeText });
  return placeText.charAt(0).toUpperCase() + placeText.slice(1);
}
