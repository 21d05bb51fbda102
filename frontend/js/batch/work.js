/** Rows read one after the other, so that never more than one picture is decoded. */

/** @typedef {import("./row.js").Row} Row */

/** So many readings tell how long the next ones take. */
const REMEMBERED = 20;

export class Work {
  /** @type {Row[]} */
  #waiting = [];
  /** @type {number[]} milliseconds of the last readings */
  #times = [];
  #running = false;
  #paused = true;

  /**
   * Begins paused.
   *
   * @param {(row: Row) => Promise<void>} read never rejects
   * @param {() => void} onChange
   */
  constructor(read, onChange) {
    this.read = read;
    this.onChange = onChange;
  }

  get paused() {
    return this.#paused;
  }

  /** Whether something is being read or waits to be. */
  get busy() {
    return this.#running || this.#waiting.length > 0;
  }

  /** Milliseconds until all is read; null while that cannot be told. */
  get left() {
    if (!this.#times.length) return null;
    const mean = this.#times.reduce((sum, each) => sum + each, 0) / this.#times.length;
    return mean * (this.#waiting.length + Number(this.#running));
  }

  /** @param {Row[]} rows */
  add(rows) {
    for (const row of rows) row.state = "waiting";
    this.#waiting.push(...rows);
    void this.#run();
  }

  /** What is being read is read to its end. */
  pause() {
    this.#paused = true;
    this.onChange();
  }

  resume() {
    this.#paused = false;
    void this.#run();
  }

  /** Lets go of those of these rows that wait. @param {Set<Row>} rows */
  drop(rows) {
    this.#waiting = this.#waiting.filter((row) => !rows.has(row));
  }

  /** Lets go of all that waits. @returns {Row[]} what is not going to be read */
  stop() {
    const rest = this.#waiting;
    for (const row of rest) row.state = "skipped";
    this.#waiting = [];
    this.onChange();
    return rest;
  }

  async #run() {
    if (this.#running) return this.onChange();
    this.#running = true;
    this.onChange();
    for (let row; !this.#paused && (row = this.#waiting.shift());) {
      const began = performance.now();
      row.state = "reading";
      await this.read(row);
      this.#times = [...this.#times.slice(1 - REMEMBERED), performance.now() - began];
      this.onChange();
    }
    this.#running = false;
    this.onChange();
  }
}
