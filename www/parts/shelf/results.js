import { byId, make, makeButton } from "../dom.js";
import { count } from "../format.js";
import { needsPassword, passwordForm } from "../password-form.js";
import { errorText, t } from "../texts/texts.js";

/** Errors that may be temporary: the page offers to try again. */
const TEMPORARY = new Set(["worker_failed", "storage_failed", "lease_lost", "quota_exceeded", "download_failed", "aborted", "too_slow"]);
/** Of a folder these are no failures: nobody expects its pictures and programs to be read. */
const LEFT_OUT = { unsupported_format: "results.unsupported", empty_document: "results.noText" };
/** Lines of each part of the list. */
const MOST_LINES = 200;

/** The list of what became of files: those that failed first, then those left out, then those that were read. */
export class Results {
  summary = "";
  #box = byId("results");
  #addAgain;
  #closed;
  /** What is shown. */
  #results = [];
  /** The files of the list that are being added again. */
  #again = new Set();
  /** How the adding ended that the list is of. */
  #ending = { problem: null, stopped: false, missing: 0 };
  /** The lines of results that failed: they may hold what is being typed. */
  #failedLines = new WeakMap();

  /**
   * @param {{ again: (entry: { path: string, file: File, password?: string }) => void, closed: () => void }} callbacks
   *   `again` adds a file again, `closed` is called when the list is closed
   */
  constructor({ again, closed }) {
    this.#addAgain = again;
    this.#closed = closed;
  }

  /** Puts the focus on the next password that is asked for, or else where files are added. */
  focus() {
    const input = this.#box.querySelector("input");
    if (input?.checkVisibility()) input.focus();
    else focusAdding();
  }

  get isShown() {
    return !this.#box.hidden;
  }

  /**
   * Shows the results in place of the last ones, unless there is nothing to tell: one file that was added is on the shelf.
   * While files of the list are being added again, it stays: what became of them takes the place of what was said of them.
   *
   * @param {{ files: object[], results: object[], problem: Error | null, stopped: boolean }} outcome `files` are those
   *   that were to be added, `results` what became of them, as far as they were
   */
  show({ files, results: added, ...ending }) {
    const before = this.#again.size > 0 ? this.#ending : { problem: null, stopped: false, missing: 0 };
    const results = this.#merged(added);
    const again = files.filter(({ file }) => this.#again.delete(file));
    // What was to be added again and was not is in the list as before.
    const back = results.filter(({ file }) => again.some((entry) => entry.file === file) && !added.some((result) => result.file === file));
    for (const result of back) this.#failedLines.delete(result);
    this.#results = results;
    const problem = ending.problem ?? before.problem;
    const stopped = ending.stopped || before.stopped;
    const missing = files.length - added.length - back.length + before.missing;
    this.#ending = { problem, stopped, missing };
    const isSkipped = ({ status, error }) => status === "failed" && results.length > 1 && error.code in LEFT_OUT;
    const skipped = results.filter(isSkipped);
    const failed = results.filter((result) => result.status === "failed" && !isSkipped(result));
    const read = results.filter(({ status }) => status !== "failed");
    this.summary = summaryOf({ read, skipped, failed, stopped, missing });
    this.#box.hidden = !problem && !stopped && results.length < 2 && failed.length === 0;
    if (this.#box.hidden) return;
    const title = make("summary", {}, this.summary);
    const details = make("details", { open: failed.length > 0 || problem !== null }, title);
    if (problem) details.append(make("p", { class: "problem", role: "alert" }, errorText(problem)));
    details.append(
      ...part(t("results.notRead"), failed.map((result) => this.#failedLine(result, failed.length)), "failed"),
      ...part(t("results.leftOut"), skipped.map(({ name, error }) => line(name, t(LEFT_OUT[error.code])))),
      ...part(t("results.read"), read.map(({ name, status, document }) => line(name, readAs(status, document)))),
    );
    const dismiss = makeButton({ class: "plain", "aria-label": t("results.dismissList"), onclick: () => this.#close() }, t("results.dismiss"));
    const focused = document.activeElement;
    this.#box.replaceChildren(details, dismiss);
    // Lines that stay keep the password that is being typed, and the focus.
    if (focused !== document.activeElement && focused.isConnected) focused.focus();
  }

  /** The list with these results: those of files that were added again in their places. */
  #merged(added) {
    if (this.#again.size === 0) return added;
    const isAgain = ({ file }) => this.#again.has(file);
    const kept = this.#results.map((old) => (isAgain(old) && added.find(({ file }) => file === old.file)) || old);
    return [...kept, ...added.filter((result) => !isAgain(result))];
  }

  #close() {
    this.#box.hidden = true;
    this.#results = [];
    this.#again.clear();
    this.#closed();
    focusAdding();
  }

  #failedLine(result, failures) {
    if (!this.#failedLines.has(result)) this.#failedLines.set(result, this.#newFailedLine(result, failures));
    return this.#failedLines.get(result);
  }

  #newFailedLine(result, failures) {
    const { name, error, file } = result;
    // Many of them would be read aloud one after the other.
    const entry = make("li", failures > 3 ? {} : { role: "alert" });
    const again = (password) => {
      this.#again.add(file);
      if (this.#results.length === 1) this.#box.hidden = true;
      entry.replaceChildren(make("b", {}, name), make("span", {}, t("results.isAddedAgain")));
      this.#addAgain({ path: name, file, password });
    };
    if (file && needsPassword(error)) {
      entry.append(passwordForm(name, error, again));
      return entry;
    }
    entry.append(make("b", {}, name), make("span", {}, errorText(error)));
    if (file && TEMPORARY.has(error.code)) {
      entry.append(makeButton({ class: "plain", "aria-label": t("results.againOne", { name }), onclick: () => again() }, t("results.again")));
    }
    return entry;
  }
}

/** Puts the focus on the button that adds files. */
export const focusAdding = () => [byId("choose-more"), byId("choose")].find((button) => button.checkVisibility())?.focus();

function part(title, lines, kind = "") {
  if (lines.length === 0) return [];
  const more = lines.length > MOST_LINES ? [make("li", { class: "soft" }, t("results.more", { count: lines.length - MOST_LINES }))] : [];
  return [make("p", { class: "results-part" }, title), make("ul", { class: kind }, ...lines.slice(0, MOST_LINES), ...more)];
}

const line = (name, text) => make("li", {}, make("b", {}, name), make("span", {}, text));

function readAs(status, { chunks, warnings = [] }) {
  const what = status === "added" ? t("count.chunks", { count: chunks }) : t(`results.${status}`);
  return [what, ...warnings].join(". ");
}

/** "34 of 37 files read, 2 left out, 1 not read" */
function summaryOf({ read, skipped, failed, stopped, missing }) {
  const all = read.length + skipped.length + failed.length;
  const parts = [
    all === read.length ? t("results.allRead", { count: all }) : t("results.someRead", { read: read.length, count: all }),
    skipped.length > 0 && t("results.someLeftOut", { count: skipped.length }),
    failed.length > 0 && t("results.someFailed", { count: failed.length }),
    stopped && (missing > 0 ? t("results.cancelledBefore", { count: missing }) : t("results.cancelled")),
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}
