import { make, makeButton } from "../dom.js";
import { bytes } from "../format.js";
import { needsPassword, passwordForm } from "../password-form.js";
import { errorText, t } from "../texts/texts.js";

/** Files of a container that are listed without being asked for. */
const FEW_MEMBERS = 5;

/** What counts as a page, by words in the media type. */
const PAGES = [[/presentation|powerpoint/, "count.slides"], [/spreadsheet|excel/, "count.sheets"], [/./, "count.pages"]];

/**
 * One document on the shelf, with the files in it below, if it is an archive or a mail.
 * `update` changes only what differs, so that the focus stays.
 */
export class DocumentRow {
  element = make("li");
  #actions;
  #shown = "";
  #problem = make("p", { class: "problem", role: "alert", hidden: true });
  /** Asks for the password of a file that is read again. */
  #asked = make("div", { role: "alert" });
  #head = make("div", { class: "document" });
  #members = make("ul", { class: "documents members" });
  #memberRows = new Map();

  /** @param {{ open: (entry) => void, remove: (entry) => Promise<void>, reread: (entry, password?: string) => Promise<void> }} actions */
  constructor(actions) {
    this.#actions = actions;
    this.element.append(this.#head, this.#problem, this.#asked);
  }

  /**
   * @param {object} entry the engine's `DocumentInfo`, with `unknownLanguage` where the search model does not know that
   * @param {object[]} members those of its files that are documents
   */
  update(entry, members = []) {
    const shown = JSON.stringify([entry, members.length]);
    if (shown !== this.#shown) this.#replaceContent(entry, members.length);
    this.#shown = shown;
    const isFirst = !this.#members.isConnected && members.length > 0;
    if (isFirst) this.element.append(this.#membersBox(members.length));
    if (members.length === 0) this.#members.closest("details")?.remove();
    syncRows(this.#members, this.#memberRows, members, () => new DocumentRow(this.#actions));
  }

  /** The button that had the focus may be gone: its document's name takes it. */
  #replaceContent(entry, members) {
    const hadFocus = this.#head.contains(document.activeElement);
    this.#head.replaceChildren(...this.#content(entry, members));
    if (hadFocus) this.#head.querySelector(".name").focus();
  }

  #content(entry, members) {
    const name = makeButton({ class: "plain name", onclick: () => this.#actions.open(entry) }, entry.path ?? entry.name);
    const title = entry.title && entry.title !== entry.name ? [make("span", { class: "title" }, entry.title)] : [];
    const remove = this.#button(t("document.remove"), t("document.removeOne", { name: entry.name }), () => this.#actions.remove(entry));
    const parts = [name, ...title, make("span", { class: "meta" }, metaOf(entry, members)), remove];
    if (entry.unknownLanguage) {
      parts.push(make("p", { class: "language" }, t("document.byWordsOnly", { language: entry.unknownLanguage })));
    }
    if (entry.outdated && entry.hasOriginal) {
      const again = this.#button(t("document.readAgain"), t("document.readOneAgain", { name: entry.name }), () => this.#reread(entry, again));
      again.classList.replace("remove", "again");
      parts.push(make("p", { class: "outdated" }, `${t("document.outdated")} `, again));
    }
    if (entry.warnings?.length > 0) parts.push(warningsOf(entry.warnings));
    return parts;
  }

  #button(text, label, onclick) {
    return makeButton({ class: "plain remove", "aria-label": label, onclick: () => this.#run(onclick) }, text);
  }

  async #run(task) {
    this.#problem.hidden = true;
    try {
      await task();
    } catch (error) {
      this.#problem.textContent = errorText(error);
      this.#problem.hidden = false;
    }
  }

  async #reread(entry, button, password) {
    if (button.textContent === t("document.reading")) return;
    button.textContent = t("document.reading");
    this.#asked.replaceChildren();
    try {
      await this.#actions.reread(entry, password);
    } catch (error) {
      if (!needsPassword(error)) throw error;
      this.#askPassword(entry, button, error);
    } finally {
      button.textContent = t("document.readAgain");
    }
  }

  #askPassword(entry, button, error) {
    const form = passwordForm(entry.name, error, (password) => {
      // The form goes, and the focus with it.
      button.focus();
      this.#run(() => this.#reread(entry, button, password));
    });
    this.#asked.replaceChildren(form);
    form.querySelector("input").focus();
  }

  #membersBox(count) {
    return make("details", { class: "inside", open: count <= FEW_MEMBERS }, make("summary", {}, t("document.members")), this.#members);
  }
}

/**
 * Makes the rows of `list` those of `entries`, in their order. Rows that stay are not moved without need, and keep the
 * focus. Returns the rows that were removed.
 *
 * @param {HTMLElement} list
 * @param {Map<string, DocumentRow>} rows by the documents' ids
 * @param {object[]} entries
 * @param {() => DocumentRow} makeRow
 * @param {(entry: object) => object[]} [membersOf]
 * @param {(element: HTMLElement) => void} [drop] removes an element
 */
export function syncRows(list, rows, entries, makeRow, membersOf = () => [], drop = (element) => element.remove()) {
  const ids = new Set(entries.map(({ id }) => id));
  for (const [id, row] of rows) {
    if (ids.has(id)) continue;
    drop(row.element);
    rows.delete(id);
  }
  let next = list.firstElementChild;
  for (const entry of entries) {
    const row = rows.get(entry.id) ?? makeRow();
    rows.set(entry.id, row);
    row.update(entry, membersOf(entry));
    if (row.element === next) next = next.nextElementSibling;
    else list.insertBefore(row.element, next);
  }
}

/** "PDF, 12 pages, 340 kB"; "Plain text, 340 kB, 31 chunks" where nothing better tells the length. */
function metaOf({ reader, type, pages, bytes: size, chunks }, members) {
  const [, ofPages] = PAGES.find(([pattern]) => pattern.test(type));
  const parts = [
    reader.charAt(0).toUpperCase() + reader.slice(1),
    pages > 0 && t(ofPages, { count: pages }),
    members > 0 && t("count.files", { count: members }),
    bytes(size),
    !pages && chunks > 0 && t("count.chunks", { count: chunks }),
  ];
  return parts.filter(Boolean).join(", ");
}

function warningsOf(warnings) {
  const list = make("ul", {}, ...warnings.map((text) => make("li", {}, text)));
  return make("details", { class: "warnings" }, make("summary", {}, t("count.warnings", { count: warnings.length })), list);
}
