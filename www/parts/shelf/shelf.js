import { announce } from "../announce.js";
import { byId } from "../dom.js";
import { count } from "../format.js";
import { errorText, t } from "../texts/texts.js";
import { Adding } from "./adding.js";
import { DocumentRow, syncRows } from "./document-row.js";
import { focusAdding } from "./results.js";

/** The list of documents is read anew this often at most while files are added: it may be long. */
const REFRESH_MS = 1500;

/** The shelf: the documents, and the files that are being added. */
export class Shelf {
  #list = byId("documents");
  #engine = null;
  #searchModel = null;
  /** Whether the documents are being indexed again, and cannot be changed. */
  #isPaused = false;
  /** The documents of the knowledge base; null until it is open. */
  #documents = null;
  #rows = new Map();
  #refreshing = null;
  #refreshAt = 0;
  #open;
  #changed;
  #adding = new Adding({ changed: () => this.report(), added: () => this.#refreshSoon() });

  /**
   * @param {{ open: (document: object) => void, changed: (documents: object[] | null, adding: number) => void }} callbacks
   *   `open` shows a document; `changed` is called whenever the list changes, with null until the knowledge base is open
   */
  constructor({ open, changed }) {
    this.#open = open;
    this.#changed = changed;
    const toggle = byId("shelf-toggle");
    toggle.addEventListener("click", () => this.fold(toggle.getAttribute("aria-expanded") === "true"));
  }

  /** Sets the engine whose documents are listed, and its search model. */
  async use(engine, searchModel) {
    this.#engine = engine;
    this.#searchModel = searchModel;
    this.#isPaused = false;
    await this.#refresh();
    await this.#adding.use(engine);
    // A returning visitor most likely wants to ask.
    if (this.#documents.length > 0 && !this.#adding.isShown) this.fold(true);
  }

  /** Changes no documents until the next engine is set: files wait until then. */
  pause() {
    this.#isPaused = true;
    this.#adding.pause();
  }

  /** Adds files, once the engine is open. @param {{ path: string, file: File }[]} files */
  add(files) {
    this.fold(false);
    this.#adding.add(files);
  }

  /** Shows a problem that concerns no single file. */
  problem(text) {
    const line = byId("shelf-error");
    line.textContent = text;
    line.hidden = !text;
  }

  /** Folds or unfolds the list on small screens. */
  fold(folded = true) {
    byId("shelf-toggle").closest("section").classList.toggle("folded", folded);
    byId("shelf-toggle").setAttribute("aria-expanded", String(!folded));
    byId("shelf-toggle").textContent = t(folded ? "shelf.show" : "shelf.hide");
  }

  /** Reads the list now, or a little later if it was read a moment ago. Resolves once it is read. */
  #refreshSoon() {
    this.#refreshing ??= (async () => {
      await new Promise((resolve) => setTimeout(resolve, this.#refreshAt + REFRESH_MS - performance.now()));
      this.#refreshing = null;
      await this.#refresh();
    })();
    return this.#refreshing;
  }

  async #refresh() {
    try {
      const documents = await this.#engine.documents();
      this.#documents = documents.map((entry) => ({ ...entry, unknownLanguage: this.#searchModel.unknownLanguage(entry) }));
    } catch (error) {
      this.#documents ??= [];
      this.problem(errorText(error));
    }
    this.#refreshAt = performance.now();
    this.#syncRows();
  }

  #syncRows() {
    const top = [];
    const members = new Map();
    const ids = new Set(this.#documents.map(({ id }) => id));
    for (const entry of this.#documents) {
      if (!ids.has(entry.container)) top.push(entry);
      else members.set(entry.container, [...(members.get(entry.container) ?? []), entry]);
    }
    const lost = [];
    const actions = {
      open: this.#open,
      remove: (entry) => this.#remove(entry),
      reread: (entry, password) => this.#reread(entry, password),
    };
    syncRows(this.#list, this.#rows, top, () => new DocumentRow(actions), ({ id }) => members.get(id), (element) => lost.push(element));
    const focus = lost.find((element) => element.contains(document.activeElement));
    const neighbour = focus?.nextElementSibling ?? focus?.previousElementSibling;
    for (const element of lost) element.remove();
    this.report();
    if (focus) this.#focusNear(neighbour);
  }

  /** The focused row was removed: without this the focus would go to the top of the page. */
  #focusNear(neighbour) {
    const next = neighbour?.isConnected ? neighbour.querySelector(".remove") : null;
    if (next) next.focus();
    else focusAdding();
  }

  async #remove(entry) {
    this.#checkNotPaused();
    await this.#engine.remove(entry.id);
    announce(t("document.removed", { name: entry.name }));
    await this.#refresh();
  }

  async #reread(entry, password) {
    this.#checkNotPaused();
    const { name } = await this.#engine.reread(entry.id, { password });
    announce(t("document.wasReadAgain", { name }));
    await this.#refresh();
  }

  #checkNotPaused() {
    if (this.#isPaused) throw new Error(t("document.paused"));
  }

  /** Updates the counts, and reports the documents to the page. */
  report() {
    const { pending, isShown } = this.#adding;
    const isEmpty = !this.#documents?.length;
    byId("document-count").textContent = isEmpty ? "" : count(this.#documents.length);
    byId("add-more").hidden = isEmpty && !isShown;
    byId("shelf-empty").hidden = this.#documents === null || !isEmpty || isShown;
    this.#changed(this.#documents, pending);
  }
}
