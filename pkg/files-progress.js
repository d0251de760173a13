// The progress of many files as one.

import { notify } from "./worker-link.js";

/** The part of a file's work that is done when a stage begins, and the part that the stage is. A rough estimate. */
const STAGES = { parse: [0, 0.3], embed: [0.3, 0.65], index: [0.95, 0.05] };

export class FilesProgress {
  #onProgress;
  #since = performance.now();
  #totalFiles;
  #totalBytes;
  #files = 0;
  #bytes = 0; // of files that are done
  #started = new Map(); // item -> the part that is done

  constructor(items, onProgress) {
    this.#onProgress = onProgress;
    this.#totalFiles = items.length;
    this.#totalBytes = items.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  begin(item) {
    this.#started.set(item, 0);
    this.#report(item);
  }

  step(item, { stage, done, total }) {
    if (!(stage in STAGES)) return;
    const [before, part] = STAGES[stage];
    const reached = before + part * (total > 0 ? Math.min(done / total, 1) : 0);
    // Progress never goes back: a container's stages come again for its members.
    this.#started.set(item, Math.max(reached, this.#started.get(item)));
    this.#report(item);
  }

  end(item) {
    this.#started.delete(item);
    this.#files += 1;
    this.#bytes += item.bytes;
    this.#report(item);
  }

  #report({ name }) {
    let bytes = this.#bytes;
    for (const [item, part] of this.#started) bytes += Math.floor(item.bytes * part);
    const spent = performance.now() - this.#since;
    const etaMs = bytes > 0 ? (spent / bytes) * (this.#totalBytes - bytes) : undefined;
    const [totalFiles, totalBytes] = [this.#totalFiles, this.#totalBytes];
    notify(this.#onProgress, { files: this.#files, totalFiles, bytes, totalBytes, etaMs, name });
  }
}
