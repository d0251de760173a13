import { announce } from "./announce.js";
import { byId, make } from "./dom.js";
import { bytes, plural } from "./format.js";
import { ProgressBar } from "./progress.js";

/** Errors that may be temporary: the page offers to try again. */
const TEMPORARY = new Set(["worker_failed", "storage_failed", "lease_lost", "quota_exceeded", "download_failed", "aborted"]);

/** The list of documents, and of files that are being added one after the other. */
export class Documents {
  #list = byId("documents");
  #engine = null;
  /** The documents of the knowledge base; null until it is open. */
  #documents = null;
  #rows = new Map();
  #queue = [];
  #current = null;
  /** Whether the focused row was removed, and nothing took the focus. */
  #focusIsLost = false;
  #open;
  #changed;

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

  /** Sets the engine whose documents are listed. */
  async use(engine) {
    this.#engine = engine;
    await this.#refresh();
    // A returning visitor most likely wants to ask.
    if (this.#documents.length > 0 && this.#queue.length === 0) this.fold(true);
    this.#next();
  }

  /** Queues files for adding. They wait until the engine is open. @param {Iterable<File>} files */
  add(files) {
    this.fold(false);
    for (const file of files) {
      const job = this.#job(file);
      this.#queue.push(job);
      this.#list.append(job.row);
    }
    this.report();
    this.#next();
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
    byId("shelf-toggle").textContent = folded ? "Show" : "Hide";
  }

  #job(file) {
    const progress = new ProgressBar(`Adding ${file.name}`);
    progress.wait(this.#engine ? "Waiting its turn" : "Waiting for the search model");
    const job = { file, progress, stop: new AbortController(), row: make("li") };
    const cancel = make(
      "button",
      { type: "button", class: "plain remove", "aria-label": `Cancel adding ${file.name}`, onclick: () => this.#cancel(job) },
      "Cancel",
    );
    job.row.append(make("div", { class: "document adding" }, make("span", { class: "name" }, file.name), cancel, ...progress.elements));
    return job;
  }

  #cancel(job) {
    job.stop.abort();
    if (job === this.#current) return;
    this.#queue = this.#queue.filter((other) => other !== job);
    this.#drop(job.row);
    this.report();
  }

  async #next() {
    if (!this.#engine || this.#current) return;
    const job = this.#queue.shift();
    if (!job) return;
    this.#current = job;
    job.progress.say("Reading");
    try {
      const added = await this.#engine.add(job.file, {
        name: job.file.name,
        onProgress: (report) => job.progress.show(report),
        signal: job.stop.signal,
      });
      this.#drop(job.row);
      announce(added.alreadyAdded ? `${added.name} was here already.` : `${added.name} added, ${plural(added.chunks, "chunk")}.`);
    } catch (error) {
      if (error.code === "aborted" && job.stop.signal.aborted) this.#drop(job.row);
      else this.#failed(job, error);
    }
    this.#current = null;
    await this.#refresh();
    this.#next();
  }

  #failed(job, error) {
    const actions = make("p", { class: "problem-actions" });
    if (TEMPORARY.has(error.code)) {
      actions.append(make("button", {
        type: "button",
        class: "plain",
        onclick: () => {
          job.row.remove();
          this.add([job.file]);
          this.#list.lastElementChild.querySelector("button")?.focus();
        },
      }, "Try again"));
    }
    actions.append(make("button", {
      type: "button",
      class: "plain",
      "aria-label": `Dismiss the message about ${job.file.name}`,
      onclick: () => {
        this.#drop(job.row);
        this.report();
      },
    }, "Dismiss"));
    job.row.replaceChildren(make("div", { class: "problem", role: "alert" }, make("p", {}, error.message), actions));
  }

  async #refresh() {
    try {
      this.#documents = await this.#engine.documents();
    } catch (error) {
      this.#documents ??= [];
      this.problem(error.message);
    }
    this.#syncRows();
    this.report();
  }

  /** Updates the rows to the documents. Rows that stay are not changed, and keep the focus. */
  #syncRows() {
    const ids = new Set(this.#documents.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      this.#drop(row);
      this.#rows.delete(id);
    }
    this.#documents.forEach((entry, index) => {
      if (this.#rows.has(entry.id)) return;
      const row = this.#row(entry);
      this.#rows.set(entry.id, row);
      this.#list.insertBefore(row, this.#list.children[index] ?? null);
    });
  }

  #row(entry) {
    const name = make("button", { type: "button", class: "plain name", onclick: () => this.#open(entry) }, entry.name);
    const meta = make("span", { class: "meta" }, `${bytes(entry.bytes)}, ${plural(entry.chunks, "chunk")}`);
    const remove = make(
      "button",
      { type: "button", class: "plain remove", "aria-label": `Remove ${entry.name}`, onclick: () => this.#remove(entry, row) },
      "Remove",
    );
    const row = make("li", {}, make("div", { class: "document" }, name, meta, remove));
    return row;
  }

  async #remove(entry, row) {
    try {
      await this.#engine.remove(entry.id);
    } catch (error) {
      row.append(make("p", { class: "problem", role: "alert" }, error.message));
      return;
    }
    announce(`${entry.name} removed.`);
    await this.#refresh();
  }

  /** Removes a row. Its neighbour takes the focus, which would otherwise go to the top of the page. */
  #drop(row) {
    const hadFocus = row.contains(document.activeElement);
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    const next = neighbour?.querySelector(".remove, button");
    if (hadFocus && next) next.focus();
    // Without a neighbour `report` sets the focus.
    this.#focusIsLost = hadFocus && !next;
  }

  /** Updates the counts, and reports the documents to the page. */
  report() {
    const adding = this.#queue.length + (this.#current ? 1 : 0);
    byId("document-count").textContent = this.#documents?.length ? String(this.#documents.length) : "";
    byId("choose-more").hidden = this.#list.childElementCount === 0;
    byId("shelf-empty").hidden = this.#documents === null || this.#list.childElementCount > 0;
    this.#changed(this.#documents, adding);
    if (this.#focusIsLost) {
      this.#focusIsLost = false;
      [byId("choose-more"), byId("choose")].find((button) => button.checkVisibility())?.focus();
    }
  }
}
