const BLOCK_ROWS = 200;
/** Blocks that are kept: those that were fetched last. */
const MAX_BLOCKS = 60;
/** Blocks that are fetched at once. What was scrolled past before its turn is not fetched. */
const MAX_FETCHING = 2;

/** The rows of a table, fetched in blocks when they come into sight. */
export class RowBlocks {
  #fetch;
  #changed;
  #failed;
  #blocks = new Map();
  #fetching = new Set();
  #isEnded = false;

  /**
   * @param {(start: number, limit: number) => Promise<object[]>} fetch
   * @param {{ changed: () => void, failed: (error: Error) => void }} callbacks `changed` is called when rows have come
   */
  constructor(fetch, { changed, failed }) {
    this.#fetch = fetch;
    this.#changed = changed;
    this.#failed = failed;
  }

  /** The row at a position; undefined as long as it is not here. */
  at(position) {
    return this.#blocks.get(Math.floor(position / BLOCK_ROWS))?.[position % BLOCK_ROWS];
  }

  /** Fetches the rows of a range that are not here, as far as it is their turn. */
  want(first, end) {
    for (let block = Math.floor(first / BLOCK_ROWS); block * BLOCK_ROWS < end; block += 1) {
      if (this.#isEnded || this.#fetching.size >= MAX_FETCHING) return;
      if (!this.#blocks.has(block) && !this.#fetching.has(block)) this.#load(block);
    }
  }

  /** Calls nothing back any more. */
  end() {
    this.#isEnded = true;
  }

  async #load(block) {
    this.#fetching.add(block);
    try {
      this.#blocks.set(block, await this.#fetch(block * BLOCK_ROWS, BLOCK_ROWS));
    } catch (error) {
      if (!this.#isEnded) this.#failed(error);
      // Every block would fail so.
      this.end();
      return;
    }
    this.#fetching.delete(block);
    if (this.#blocks.size > MAX_BLOCKS) this.#blocks.delete(this.#blocks.keys().next().value);
    if (!this.#isEnded) this.#changed();
  }
}
