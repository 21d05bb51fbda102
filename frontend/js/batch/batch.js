/** The batch: its rows, what is read next, what was removed, in which order all is shown. */
import { openFile } from "../imaging.js";
import { learnedOf, readKnowing } from "../learn/known.js";
import { isStrip } from "../photo.js";
import { encode } from "../reading.js";
import { takenAt } from "../taken.js";
import { matchMeter } from "./matching.js";
import { isDone, isDoubtful, isPicture, isUnreadable, newRow, order } from "./row.js";
import { thumbnail } from "./thumbnail.js";
import { Work } from "./work.js";

/** @typedef {import("./row.js").Row} Row */
/** @typedef {import("./row.js").Column} Column */
/** @typedef {import("./sources.js").Found} Found */

/** Codes of errors after which the next picture would fail as well. */
const FATAL = ["worker", "closed"];

/**
 * @typedef {object} Listeners
 * @property {(row: Row) => void} onRow its content changed
 * @property {() => void} onOrder rows came, went, or stand in another order
 * @property {() => void} onProgress
 * @property {(error: unknown) => void} onReaderLost
 */

export class Batch {
  /** @type {Row[]} all but the removed, in the order in which they are shown */
  rows = [];
  /** @type {{id: string, name: string}[]} */
  #meters = [];
  /** @type {Row[][]} */
  #removed = [];
  /** @type {Set<string>} to know a file that is there already */
  #known = new Set();
  #count = 0;
  /** @type {{column: Column, down: boolean}} */
  #sorting = { column: "number", down: false };
  /** @type {import("../reader.js").Reader | null} */
  #reader = null;
  #awaited = true;

  /** @param {Listeners} listeners */
  constructor(listeners) {
    this.listeners = listeners;
    this.work = new Work((row) => this.#read(row), listeners.onProgress); // paused until there is a reader
  }

  get sorting() {
    return { ...this.#sorting };
  }

  /** @param {import("../reader.js").Reader} reader */
  use(reader) {
    this.#reader = reader;
    this.work.resume();
  }

  /** Whether a reader is on its way: told by who loads it. @param {boolean} awaited */
  awaitReader(awaited) {
    this.#awaited = awaited;
    this.listeners.onProgress();
  }

  /** Whether there is something to read with. */
  get ready() {
    return this.#reader !== null;
  }

  /** Whether what waits will be read without anybody doing anything. */
  get awaited() {
    return this.#awaited;
  }

  /** @param {{id: string, name: string}[]} meters pictures are matched with, by name */
  useMeters(meters) {
    this.#meters = meters;
    for (const row of this.rows) this.#match(row);
  }

  /** @param {Found[]} found @returns {number} how many were there already */
  add(found) {
    const fresh = found.filter(({ file, path }) => {
      const key = keyOf(file, path);
      return !this.#known.has(key) && this.#known.add(key);
    });
    const rows = fresh.map(({ file, path }) => newRow(++this.#count, file, path));
    for (const row of rows) row.meter = matchMeter(row.path, this.#meters);
    this.rows.push(...rows);
    this.#sort();
    this.work.add(rows);
    return found.length - fresh.length;
  }

  /**
   * What a person says the picture shows; a comma counts as a point, and an accepted reading said again is no correction.
   *
   * @param {Row} row
   * @param {string} text
   * @throws {import("../reading.js").ReadingError} for what is no reading; the row stays as it was
   */
  correct(row, text) {
    const exact = text.trim().replace(",", ".");
    encode(exact);
    row.corrected = row.reading?.accepted && row.reading.text === exact ? null : exact;
    this.listeners.onRow(row);
    this.listeners.onProgress();
  }

  /** @param {Row[]} rows can be brought back by `restore` */
  remove(rows) {
    const gone = new Set(rows);
    this.rows = this.rows.filter((row) => !gone.has(row));
    this.work.drop(gone);
    for (const { file, path } of rows) this.#known.delete(keyOf(file, path));
    this.#removed.push(rows);
    this.listeners.onOrder();
    this.listeners.onProgress();
  }

  /** Brings back what was removed last. @returns {Row[]} */
  restore() {
    const rows = this.#removed.pop() ?? [];
    this.rows.push(...rows);
    for (const { file, path } of rows) this.#known.add(keyOf(file, path));
    this.#sort();
    this.work.add(rows.filter((row) => row.state === "waiting"));
    this.listeners.onProgress();
    return rows;
  }

  /** Lets go of what was removed and cannot be brought back any more. */
  forget() {
    this.#removed = [];
  }

  stop() {
    for (const row of this.work.stop()) this.listeners.onRow(row);
    if (this.ready) this.work.resume(); // what is added from now on is read
  }

  /** Reads what was left out by `stop`. */
  readRest() {
    const rest = this.rows.filter((row) => row.state === "skipped");
    this.work.add(rest);
    for (const row of rest) this.listeners.onRow(row);
  }

  /** By a column; by the same again, the other way round. @param {Column} column */
  sortBy(column) {
    const again = column === this.#sorting.column;
    this.#sorting = { column, down: again && !this.#sorting.down };
    this.#sort();
  }

  get counts() {
    const { rows } = this;
    const done = rows.filter(isDone).length;
    const unreadable = rows.filter(isUnreadable).length;
    return {
      all: rows.length,
      done,
      read: done - unreadable,
      doubtful: rows.filter(isDoubtful).length,
      unreadable,
      skipped: rows.filter((row) => row.state === "skipped").length,
    };
  }

  #sort() {
    this.rows.sort(order(this.#sorting.column, this.#sorting.down));
    this.listeners.onOrder();
  }

  /** @param {Row} row */
  #match(row) {
    row.meter = matchMeter(row.path, this.#meters);
    this.listeners.onRow(row);
  }

  /** @param {Row} row */
  async #read(row) {
    this.listeners.onRow(row);
    let picture = null;
    try {
      picture = await openFile(row.file); // once, for the reader and for the small picture
      await this.#readPicture(row, picture);
    } catch (error) {
      if (FATAL.includes(/** @type {{code: string}} */ (error)?.code)) return this.#lose(row, error);
      Object.assign(row, { state: "failed", error });
    } finally {
      picture?.close();
    }
    if (isPicture(row)) row.taken ??= await takenAt(row.file);
    this.listeners.onRow(row);
    if (this.#sorting.column !== "number" && this.rows.includes(row)) this.#sort();
  }

  /** @param {Row} row @param {ImageBitmap} picture */
  async #readPicture(row, picture) {
    const reader = /** @type {import("../reader.js").Reader} */ (this.#reader);
    const learned = row.meter && (await learnedOf(row.meter.id)); // by the names of folders: it may be another meter
    const { corners, ...found } = await readKnowing(
      (known) => reader.readPhoto(picture, { learned: known }),
      learned,
      true,
    );
    const { text, confidence, accepted, reason, model, version, learned: own } = found;
    const reading = { text, confidence, accepted, reason, model, version, learned: own };
    const display = corners ?? (isStrip(picture) ? "whole" : null);
    Object.assign(row, { state: "read", reading, display, error: null });
    row.thumbnail ??= await thumbnail(picture, corners).catch(() => null); // the reading is what counts
  }

  /** Without a reader all waits, this row too. @param {Row} row @param {unknown} error */
  #lose(row, error) {
    this.#reader = null;
    this.#awaited = false;
    this.work.pause();
    this.work.add([row]);
    this.listeners.onRow(row);
    this.listeners.onReaderLost(error);
  }
}

/** @param {File} file @param {string} path */
function keyOf(file, path) {
  return `${path}|${file.size}|${file.lastModified}`;
}
