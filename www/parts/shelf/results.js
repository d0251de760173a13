import { byId, make } from "../dom.js";
import { count, plural } from "../format.js";
import { passwordForm } from "../password-form.js";

/** Errors that may be temporary: the page offers to try again. */
const TEMPORARY = new Set(["worker_failed", "storage_failed", "lease_lost", "quota_exceeded", "download_failed", "aborted", "too_slow"]);
const PROTECTED = new Set(["password_required", "wrong_password"]);
/** Of a folder these are no failures: nobody expects its pictures and programs to be read. */
const LEFT_OUT = { unsupported_format: "files of this kind cannot be read", empty_document: "there is no text in it" };
/** Lines of each part of the list. */
const MOST_LINES = 200;

/** The list of what became of files: those that failed first, then those left out, then those that were read. */
export class Results {
  summary = "";
  #box = byId("results");
  #again;
  #closed;
  /** What is shown. */
  #results = [];
  /** What stays in the list while one of its files is added again. */
  #others = [];

  /**
   * @param {{ again: (files: { path: string, file: File }[], options?: { password: string }) => void, closed: () => void }} callbacks
   *   `again` adds a file again, `closed` is called when the list is closed
   */
  constructor({ again, closed }) {
    this.#again = again;
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
   *
   * @param {{ results: object[], total: number, problem: Error | null, stopped: boolean }} outcome
   */
  show({ results: added, total, problem, stopped }) {
    const results = [...this.#others, ...added];
    this.#others = [];
    this.#results = results;
    const isSkipped = ({ status, error }) => status === "failed" && results.length > 1 && error.code in LEFT_OUT;
    const skipped = results.filter(isSkipped);
    const failed = results.filter((result) => result.status === "failed" && !isSkipped(result));
    const read = results.filter(({ status }) => status !== "failed");
    this.summary = summaryOf({ read, skipped, failed, stopped, missing: total - added.length });
    this.#box.hidden = !problem && !stopped && results.length < 2 && failed.length === 0;
    if (this.#box.hidden) return;
    const title = make("summary", {}, this.summary);
    const details = make("details", { open: failed.length > 0 || problem !== null }, title);
    if (problem) details.append(make("p", { class: "problem", role: "alert" }, problem.message));
    details.append(
      ...part("Not read", failed.map((result) => this.#failedLine(result, failed.length)), "failed"),
      ...part("Left out", skipped.map(({ name, error }) => line(name, LEFT_OUT[error.code]))),
      ...part("Read", read.map(({ name, status, document }) => line(name, readAs(status, document)))),
    );
    const dismiss = make("button", { type: "button", class: "plain", "aria-label": "Dismiss the list of files that were read", onclick: () => this.#close() }, "Dismiss");
    this.#box.replaceChildren(details, dismiss);
  }

  #close() {
    this.#box.hidden = true;
    this.#closed();
    focusAdding();
  }

  #failedLine(result, failures) {
    const { name, error, file } = result;
    // Many of them would be read aloud one after the other.
    const entry = make("li", failures > 3 ? {} : { role: "alert" });
    const again = (options) => {
      this.#others = this.#results.filter((other) => other !== result);
      if (this.#others.length === 0) this.#box.hidden = true;
      entry.remove();
      this.#again([{ path: name, file }], options);
    };
    if (file && PROTECTED.has(error.code)) {
      const text = error.code === "wrong_password" ? `That is not the password of ${name}.` : `${name} is protected.`;
      entry.append(passwordForm(text, (password) => again({ password })));
      return entry;
    }
    entry.append(make("b", {}, name), make("span", {}, error.message));
    if (file && TEMPORARY.has(error.code)) {
      entry.append(make("button", { type: "button", class: "plain", "aria-label": `Try ${name} again`, onclick: () => again() }, "Try again"));
    }
    return entry;
  }
}

/** Puts the focus on the button that adds files. */
export const focusAdding = () => [byId("choose-more"), byId("choose")].find((button) => button.checkVisibility())?.focus();

function part(title, lines, kind = "") {
  if (lines.length === 0) return [];
  const more = lines.length > MOST_LINES ? [make("li", { class: "soft" }, `and ${count(lines.length - MOST_LINES)} more`)] : [];
  return [make("p", { class: "results-part" }, title), make("ul", { class: kind }, ...lines.slice(0, MOST_LINES), ...more)];
}

const line = (name, text) => make("li", {}, make("b", {}, name), make("span", {}, text));

function readAs(status, { chunks, warnings = [] }) {
  const what = { unchanged: "was here already", replaced: "in place of the older one" }[status] ?? plural(chunks, "chunk");
  return [what, ...warnings].join(". ");
}

/** "34 of 37 files read, 2 left out, 1 not read" */
function summaryOf({ read, skipped, failed, stopped, missing }) {
  const all = read.length + skipped.length + failed.length;
  const parts = [
    all === read.length ? `${plural(all, "file")} read` : `${count(read.length)} of ${plural(all, "file")} read`,
    skipped.length > 0 && `${count(skipped.length)} left out`,
    failed.length > 0 && `${count(failed.length)} could not be read`,
    stopped && `cancelled${missing > 0 ? ` before ${plural(missing, "other")}` : ""}`,
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}
