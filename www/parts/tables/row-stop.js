// The numbers of rows that are buttons: one of them is a stop of Tab, and the arrow keys go from one to the next.

const STEPS = { ArrowUp: -1, ArrowDown: 1 };

export class RowStop {
  #rows;
  #reveal;
  /** The row that was chosen last. */
  #position = 0;

  /**
   * @param {Map<number, HTMLTableRowElement>} rows those that are in the document, by their positions
   * @param {(position: number) => void} reveal scrolls a row into sight
   */
  constructor(rows, reveal) {
    this.#rows = rows;
    this.#reveal = reveal;
  }

  /** Makes the row that was chosen last the stop; where it is not in the document, the first one from `top` on. */
  update(top) {
    const positions = this.#positions();
    const stop = positions.includes(this.#position) ? this.#position : positions.find((position) => position >= top) ?? positions[0];
    for (const position of positions) this.#button(position).tabIndex = position === stop ? 0 : -1;
  }

  /** Notes which row has the focus. */
  focused(target) {
    for (const position of this.#positions()) {
      if (this.#button(position) === target) this.#position = position;
    }
    this.update(this.#position);
  }

  /** Goes to the next row for an arrow key on the number of one. Returns whether it was that. */
  key({ key, target }) {
    const positions = this.#positions();
    const at = positions.findIndex((position) => this.#button(position) === target);
    if (at < 0 || !(key in STEPS)) return false;
    const next = positions[at + STEPS[key]];
    if (next !== undefined) {
      this.#reveal(next);
      this.#button(next)?.focus({ preventScroll: true });
    }
    return true;
  }

  #button(position) {
    return this.#rows.get(position)?.querySelector("button");
  }

  /** The positions of the rows that have a button, ascending. */
  #positions() {
    return [...this.#rows.keys()].filter((position) => this.#button(position)).sort((a, b) => a - b);
  }
}
