/** The rows and cells of a table that an answer or a row of a result was computed from. */
export class Marks {
  /** The numbers of the rows, ascending. */
  rows;
  /** How many rows there are: `rows` may be the first of them. */
  rowCount;
  #rows;
  #columns;
  #cells;

  /**
   * @param {{ rows: number[], rowCount?: number, columns?: string[], cells?: { row: number, column: string }[] }} source
   *   `cells` are known of the first rows only. In the others, the same columns were read.
   */
  constructor({ rows, rowCount = rows.length, columns = [], cells = [] }) {
    this.rows = rows;
    this.rowCount = rowCount;
    this.#rows = new Set(rows);
    this.#columns = new Set([...columns, ...cells.map(({ column }) => column)]);
    this.#cells = new Map();
    for (const { row, column } of cells) this.#cells.set(row, [...(this.#cells.get(row) ?? []), column]);
  }

  /** The names of the columns in which cells are marked. */
  get columns() {
    return this.#columns;
  }

  /** The first column that is marked in a row; undefined for none. */
  columnOf(row) {
    return this.#cells.get(row)?.[0] ?? [...this.#columns][0];
  }

  hasRow(row) {
    return this.#rows.has(row);
  }

  hasCell(row, column) {
    if (this.#cells.has(row)) return this.#cells.get(row).includes(column);
    return this.#rows.has(row) && this.#columns.has(column);
  }
}
