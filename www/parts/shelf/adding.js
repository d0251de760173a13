import { announce } from "../announce.js";
import { byId, make, makeButton } from "../dom.js";
import { bytes, timeLeft } from "../format.js";
import { ProgressBar } from "../progress.js";
import { errorText, t } from "../texts/texts.js";
import { focusAdding, Results } from "./results.js";

/** So few files are each announced when they are there. */
const FEW_FILES = 3;

/** Adds files, all that wait at a time, with one progress bar and a list of what became of them at the end. */
export class Adding {
  #engine = null;
  #waiting = [];
  #running = null;
  #box = byId("adding");
  #queued = byId("queued");
  #focusIsLost = false;
  #changed;
  #added;
  #results = new Results({ again: (entry) => this.#addAgain(entry), closed: () => this.#changed() });

  /**
   * @param {{ changed: () => void, added: () => Promise<void> }} callbacks `changed` is called when files begin to wait or
   *   have been added, `added` when a document is there; it resolves once the document is listed
   */
  constructor({ changed, added }) {
    this.#changed = changed;
    this.#added = added;
  }

  /** Files that wait or are being added. */
  get pending() {
    return this.#waiting.length + (this.#running ? 1 : 0);
  }

  /** Whether there is progress or a list to see. */
  get isShown() {
    return this.pending > 0 || this.#results.isShown || !this.#queued.hidden;
  }

  /** Sets the engine, and begins with the files that wait. */
  async use(engine) {
    this.#engine = engine;
    await this.#offerQueued();
    this.#next();
  }

  /** Files wait until the next engine is set. Those that are being added stay in the queue. */
  async pause() {
    this.#running?.abort();
    this.#engine = null;
    await this.#offerQueued();
  }

  /** @param {{ path: string, file: File, password?: string }[]} files */
  add(files) {
    this.#waiting.push(...files);
    if (!this.#running) this.#showWaiting();
    this.#changed();
    this.#next();
  }

  /** Adds a file of the list again. The focused row is gone then: the focus comes back when it is known what became of it. */
  #addAgain(entry) {
    this.#focusIsLost = true;
    this.add([entry]);
  }

  #showWaiting() {
    const progress = new ProgressBar(t("adding.label"));
    progress.wait(ofFiles(this.#waiting, "adding.waitOne", "adding.waitSeveral"));
    this.#show(progress.elements);
  }

  #next() {
    if (!this.#engine || this.#running || this.#waiting.length === 0) return;
    const files = this.#waiting.splice(0);
    this.#run(files, (options) => this.#engine.addFiles(files, options));
  }

  /** Runs a task that adds `files`, and shows how it goes and how it went. Files of an earlier visit have only their paths. */
  async #run(files, task) {
    const stop = new AbortController();
    this.#running = stop;
    const progress = new ProgressBar(t("adding.label"));
    progress.say(ofFiles(files, "adding.one", "adding.several"));
    const name = make("span", { class: "file" });
    const cancel = makeButton({ class: "plain", onclick: () => stop.abort() }, t("adding.cancel"));
    this.#show([...progress.elements, make("div", { class: "adding-foot" }, name, cancel)]);
    this.#changed();
    const results = [];
    const onFile = (result) => {
      results.push(result);
      if (files.length <= FEW_FILES) announceResult(result);
      if (result.document) this.#added();
    };
    const onProgress = (report) => {
      progress.measure(lineOf(report), report.totalBytes > 0 ? report.bytes / report.totalBytes : undefined);
      name.textContent = report.name ?? "";
    };
    let problem = null;
    try {
      await task({ onProgress, onFile, signal: stop.signal });
    } catch (error) {
      problem = error;
    }
    await this.#end({ files, results, problem, stopped: stop.signal.aborted, hadFocus: cancel === document.activeElement });
  }

  async #end({ files, results, problem, stopped, hadFocus }) {
    await this.#added();
    this.#running = null;
    this.#box.hidden = true;
    this.#results.show({ files, results: inOrderOf(files, results), problem: stopped ? null : problem, stopped });
    if (results.length > FEW_FILES) announce(this.#results.summary);
    await this.#offerQueued();
    this.#changed();
    if (hadFocus || (this.#focusIsLost && document.activeElement === document.body)) this.#results.focus();
    this.#focusIsLost = false;
    this.#next();
  }

  #show(elements) {
    this.#box.replaceChildren(...elements);
    this.#box.hidden = false;
  }

  /** Offers to go on with the files that an earlier visit did not get to. */
  async #offerQueued() {
    // An offer that fails is made at the next visit.
    const queued = (await this.#engine?.queued().catch(() => [])) ?? [];
    this.#queued.hidden = queued.length === 0;
    if (queued.length === 0) return;
    const size = bytes(queued.reduce((sum, entry) => sum + entry.bytes, 0));
    const button = (label, onclick) => makeButton({ class: "button", onclick }, label);
    const go = button(t("adding.continue"), () => {
      this.#queued.hidden = true;
      this.#run(queued.map(({ name }) => ({ path: name })), (options) => this.#engine.resumeFiles(options));
    });
    const drop = button(t("adding.discard"), async () => {
      await this.#engine.clearQueue().catch(() => {});
      await this.#offerQueued();
      this.#changed();
      focusAdding();
    });
    const text = queued.length === 1 ? t("adding.queuedOne", { name: queued[0].name, size }) : t("adding.queuedSeveral", { count: queued.length, size });
    this.#queued.replaceChildren(make("p", {}, text), make("p", { class: "queued-actions" }, go, drop));
    this.#changed();
  }
}

/** The results in the order in which their files were chosen: they come as the reading of each ends. */
function inOrderOf(files, results) {
  const places = new Map(files.map(({ file }, place) => [file, place]));
  return results.toSorted((a, b) => places.get(a.file) - places.get(b.file));
}

/** A text about the file, where it is one, or about so many files. */
const ofFiles = (files, one, several) => (files.length === 1 ? t(one, { name: files[0].path }) : t(several, { count: files.length }));

/** "37 of 2,000 files, 12 MB of 300 MB, about 3 min left" */
function lineOf({ files, totalFiles, bytes: done, totalBytes, etaMs }) {
  const parts = [
    totalFiles > 1 && t("adding.amountOfFiles", { done: files, total: totalFiles }),
    totalBytes > 0 && t("progress.amount", { done: bytes(done), total: bytes(totalBytes) }),
    etaMs > 0 && timeLeft(etaMs),
  ];
  return parts.filter(Boolean).join(", ") || t("adding.reading");
}

function announceResult({ name, status, document, error }) {
  const values = status === "failed" ? { problem: errorText(error) } : { chunks: t("count.chunks", { count: document.chunks }) };
  announce(t(`adding.${status}`, { name, ...values }));
}
