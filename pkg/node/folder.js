// A folder of a knowledge base: what the wasm module reads and writes there. The command line's folders are the same.

import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { invalidOption, kindOf, RagError } from "../errors.js";

/** The number of the process that has the folder open. The command line reads it as well. */
const HOLDER = "holder";
/** A native process writes its number alone. */
const MARK = "node ";
/** The clock may be set while a process runs. */
const CLOCK_STEP_MS = 5000;

/** The wasm module knows this class by another name, and its methods by these. */
export class Folder {
  #path;
  #own;

  /** `owner` names the engine: a thread that it starts after one that failed takes the folder over. */
  constructor(path, owner) {
    if (typeof path !== "string" || path === "") throw invalidOption("folder", kindOf(path), "the path of a folder");
    this.#path = resolve(path);
    this.#own = `${MARK}${process.pid} ${startedAt()} ${owner}`;
    try {
      // For this user alone, as the command line makes it.
      mkdirSync(this.#path, { recursive: true, mode: 0o700 });
      this.#hold();
    } catch (error) {
      throw error instanceof RagError ? error : unusable(this.#path, error);
    }
  }

  get path() {
    return this.#path;
  }

  read(name) {
    try {
      return new Uint8Array(readFileSync(this.#at(name)));
    } catch (error) {
      if (error.code === "ENOENT") return undefined;
      throw error;
    }
  }

  write(name, bytes) {
    const file = openSync(this.#at(name), "w");
    try {
      writeFileSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  rename(from, to) {
    renameSync(this.#at(from), this.#at(to));
  }

  remove(name) {
    rmSync(this.#at(name));
  }

  /** Waits until the names of the files are on the disk. Windows cannot open a folder, and stores names with their files. */
  sync() {
    if (process.platform === "win32") return;
    const folder = openSync(this.#path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  names() {
    return readdirSync(this.#path);
  }

  /** Lets others open the folder. */
  release() {
    if (this.#holder() === this.#own) rmSync(this.#at(HOLDER), { force: true });
  }

  /** Writes the file `holder`, which exists once. */
  #hold() {
    for (;;) {
      try {
        writeFileSync(this.#at(HOLDER), this.#own, { flag: "wx" });
        return;
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
      }
      this.#removeStale();
    }
  }

  /** Removes the file of a process that is dead. Where another one has replaced it meanwhile, that one's is put back. */
  #removeStale() {
    const stale = this.#holder();
    if (!this.#isOwn(stale) && isAlive(stale)) throw folderInUse(this.#path, join(this.#path, HOLDER));
    const moved = `${HOLDER}.${process.pid}`;
    try {
      this.rename(HOLDER, moved);
    } catch (error) {
      if (error.code === "ENOENT") return;
      throw error;
    }
    if (this.#text(moved) === stale) this.remove(moved);
    else this.rename(moved, HOLDER);
  }

  #isOwn(holder) {
    const owner = (text) => text.split(" ").at(-1);
    return holder !== undefined && owner(holder) === owner(this.#own);
  }

  #holder() {
    return this.#text(HOLDER);
  }

  #text(name) {
    const bytes = this.read(name);
    return bytes && Buffer.from(bytes).toString();
  }

  #at(name) {
    return join(this.#path, name);
  }
}

/** When this process was started, in milliseconds since 1970. All its threads have the same, but for the clock's steps. */
const startedAt = () => Math.round(Date.now() - process.uptime() * 1000);


/** Whether the process that wrote this is alive. A dead one may have had the number of this one, as in a container. */
function isAlive(holder) {
  const [pid, started] = (holder ?? "").replace(MARK, "").split(" ").map(Number);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return Math.abs(started - startedAt()) < CLOCK_STEP_MS;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function folderInUse(path, holder) {
  const advice = `Close it there, and try again. If nobody has it open, remove the file ${holder}.`;
  return new RagError("storage_blocked", `The knowledge base in ${path} cannot be opened because another program has it open. ${advice}`);
}

function unusable(path, { message }) {
  return new RagError("storage_refused", `The folder ${path} cannot be used: ${message}. Choose a folder that you can write to.`);
}
