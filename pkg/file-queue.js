// Many files at once: each is put into the engine's queue, which is stored, and added from there. What a reload
// interrupts is still in the queue.

import { invalidOption, kindOf, refuseOthers } from "./errors.js";
import { FilesProgress } from "./files-progress.js";
import { notify } from "./worker-link.js";

/** Files that are added at once: while one is embedded, the next ones are read. */
const MAX_ADDING = 3;
/** How far the queue is ahead of what was added. One file may be larger. */
const MAX_QUEUED_FILES = 100;
const MAX_QUEUED_BYTES = 1 << 26;
/** Errors that end the whole call; any other one costs only its file. */
const ENDING = ["aborted", "closed", "invalid_option", "storage_closed"];

export class FileQueue {
  #connection;
  #taken = new Set(); // numbers in the queue of files that are being added here

  constructor(connection) {
    this.#connection = connection;
  }

  async add(files, options) {
    const { onProgress, onFile, signal, passwords = {}, original, metadata, sameName, ...others } = options;
    refuseOthers(others, ["onProgress", "onFile", "signal", "passwords", "original", "metadata", "sameName"]);
    const items = filesOf(files).map(({ name, file, password: own }) => {
      const password = own ?? (Object.hasOwn(passwords, name) ? passwords[name] : undefined);
      const options = { original, metadata, sameName: sameName ?? sameNameOf(name), password };
      return { name, file, bytes: file.size, options };
    });
    return this.#addAll(items, { onProgress, onFile, signal });
  }

  async resume({ onProgress, onFile, signal, ...others }) {
    refuseOthers(others, ["onProgress", "onFile", "signal"]);
    const items = (await this.queued()).map((item) => ({ ...item, options: { sameName: sameNameOf(item.name) } }));
    return this.#addAll(items, { onProgress, onFile, signal });
  }

  async queued() {
    const queued = await this.#connection.request("queued");
    return queued.filter(({ number }) => !this.#taken.has(number));
  }

  async clear() {
    await this.#connection.request("clearQueue");
  }

  async #addAll(items, { onProgress, onFile, signal }) {
    const progress = new FilesProgress(items, onProgress);
    const portion = new Portion(items, (item) => this.#enqueue(item, signal));
    const stored = new Set((await this.#connection.request("documents")).map(({ name }) => name));
    const results = [];
    let next = 0;
    let ending = null;
    const addOneByOne = async () => {
      while (next < items.length && !ending) {
        const at = next++;
        const result = await this.#addItem(items[at], portion.begin(at), progress, signal, stored);
        if (ENDING.includes(result.error?.code)) {
          ending ??= result.error;
          return;
        }
        results[at] = result;
        notify(onFile, result);
        portion.end(at);
      }
    };
    await Promise.all(Array.from({ length: MAX_ADDING }, addOneByOne));
    await portion.settled();
    for (const { number } of items) this.#taken.delete(number);
    if (ending) throw ending;
    return results;
  }

  /** Puts a file into the queue. Where there is no space for that, it is only added. */
  async #enqueue(item, signal) {
    if (item.number === undefined) {
      const args = { content: item.file, options: optionsOf(item) };
      item.number = await this.#connection.request("enqueue", args, { signal }).catch((error) => {
        if (error.code !== "quota_exceeded") throw error;
      });
    }
    if (item.number !== undefined) this.#taken.add(item.number);
  }

  /** Adds a file once it is in the queue. Resolves to a result, also where it fails. */
  async #addItem(item, enqueued, progress, signal, stored) {
    const { name, file, options } = item;
    progress.begin(item);
    try {
      await enqueued;
      const [call, args] =
        item.number === undefined
          ? ["add", { content: item.file, options: optionsOf(item) }]
          : ["addQueued", { number: item.number }];
      const onProgress = (step) => progress.step(item, step);
      const document = await this.#connection.request(call, args, { signal, onProgress });
      const added = options.sameName === "replace" && stored.has(name) ? "replaced" : "added";
      return { name, file, status: document.alreadyAdded ? "unchanged" : added, document };
    } catch (error) {
      return { name, file, status: "failed", error };
    } finally {
      progress.end(item);
    }
  }
}

/** Keeps the queue a portion ahead of the files that are added. */
class Portion {
  #items;
  #enqueue;
  #enqueued = []; // a promise for each item so far
  #last = Promise.resolve();
  #files = 0;
  #bytes = 0;

  constructor(items, enqueue) {
    this.#items = items;
    this.#enqueue = enqueue;
  }

  /** A promise of the time at which the item is in the queue. */
  begin(at) {
    this.#fill(at);
    return this.#enqueued[at];
  }

  /** The item has left the queue. */
  end(at) {
    this.#files -= 1;
    this.#bytes -= this.#items[at].bytes;
    this.#fill(-1);
  }

  /** Resolves when nothing is being put into the queue. */
  async settled() {
    await this.#last;
  }

  /** Puts items into the queue, one after the other: all until `last`, then as many as there is room for. */
  #fill(last) {
    while (this.#enqueued.length < this.#items.length) {
      const item = this.#items[this.#enqueued.length];
      const hasRoom = this.#files < MAX_QUEUED_FILES && this.#bytes + item.bytes <= MAX_QUEUED_BYTES;
      if (!hasRoom && this.#enqueued.length > last) return;
      this.#files += 1;
      this.#bytes += item.bytes;
      const enqueued = this.#last.then(() => this.#enqueue(item));
      this.#enqueued.push(enqueued);
      this.#last = enqueued.catch(() => {}); // whoever adds the item is told
    }
  }
}

function optionsOf({ name, file, options }) {
  return { name, type: file.type || undefined, ...options };
}

/** The files of a list or a folder, with their names, and the passwords that stand beside them. */
function filesOf(files) {
  const expected = "a FileList, or an array of File or of { path, file, password }";
  if (typeof files?.[Symbol.iterator] !== "function") throw invalidOption("files", kindOf(files), expected);
  return Array.from(files, (entry) => {
    const file = entry instanceof Blob ? entry : entry?.file;
    if (!(file instanceof Blob)) throw invalidOption("files", `a list with an entry ${kindOf(entry)}`, expected);
    const password = entry === file ? undefined : entry.password;
    return { name: entry.path || file.webkitRelativePath || file.name || "untitled", file, password };
  });
}

/** A file of a folder replaces the one that was there; other files may have the same name by chance. */
function sameNameOf(name) {
  return name.includes("/") ? "replace" : "add";
}
