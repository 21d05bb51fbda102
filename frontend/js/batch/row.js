/** One picture of the batch: what is known of it, and what follows from that. */
import { newId } from "../stored.js";

/**
 * @typedef {import("../reader.js").Reading} Reading
 * @typedef {import("../quad.js").Corners} Corners
 * @typedef {Pick<Reading, "text" | "confidence" | "accepted" | "reason" | "model" | "version" | "learned">} Brief what is
 *   kept of a reading, so that a thousand of them stay small
 * @typedef {"waiting" | "reading" | "read" | "failed" | "skipped"} State
 * @typedef {{time: number, by: "camera" | "file"}} Taken milliseconds since 1970; the camera's own note or the file's date
 * @typedef {object} Row
 * @property {string} id
 * @property {number} number counted from 1 in the order of coming in
 * @property {File} file
 * @property {string} path folders and name, as in "cellar/2026-11/meter.jpg"
 * @property {State} state
 * @property {Brief | null} reading
 * @property {unknown} error why it was not read
 * @property {string | null} corrected what a person says the picture shows
 * @property {Corners | "whole" | null} display where it is in the picture; null where that is not known
 * @property {Taken | null} taken
 * @property {Blob | null} thumbnail
 * @property {{id: string, name: string} | null} meter
 *
 * @typedef {"number" | "path" | "reading" | "sure" | "taken"} Column
 */

/** @param {number} number @param {File} file @param {string} path @returns {Row} */
export function newRow(number, file, path) {
  const unknown = {
    reading: null,
    error: null,
    corrected: null,
    display: null,
    taken: null,
    thumbnail: null,
    meter: null,
  };
  return { id: newId(), number, file, path, state: "waiting", ...unknown };
}

/** The reading in its exact text; null where there is none. @param {Row} row */
export function textOf({ corrected, reading }) {
  if (corrected !== null) return corrected;
  return reading && reading.reason !== "no_display" ? reading.text : null;
}

/** Read, but not for certain. @param {Row} row */
export function isDoubtful(row) {
  return row.corrected === null && row.state === "read" && !row.reading?.accepted && !isUnreadable(row);
}

/** It could not be read at all, as where no display was found, and nobody has typed it in. @param {Row} row */
export function isUnreadable({ state, reading, corrected }) {
  return corrected === null && (state === "failed" || (state === "read" && reading?.reason === "no_display"));
}

/** What a person should look at. @param {Row} row */
export function isToCheck(row) {
  return isDoubtful(row) || isUnreadable(row);
}

/** Whether it is a picture, as far as is known. @param {Row} row */
export function isPicture({ error }) {
  return /** @type {{code?: string} | null} */ (error)?.code !== "not_image";
}

/** Nothing more is going to happen to it by itself. @param {Row} row */
export function isDone({ state }) {
  return state === "read" || state === "failed";
}

const paths = new Intl.Collator("en", { numeric: true });

/** @type {Record<Column, (row: Row) => number | string | null>} null: not known yet */
const KEYS = {
  number: (row) => row.number,
  path: (row) => row.path,
  reading: (row) => textOf(row),
  sure: (row) => (row.corrected !== null ? 2 : (row.reading?.confidence ?? (row.state === "failed" ? -1 : null))),
  taken: (row) => row.taken?.time ?? null,
};

/**
 * An order for `Array.sort`; what is not known yet comes last either way, and equals as they came in.
 *
 * @param {Column} column
 * @param {boolean} down from the largest
 * @returns {(a: Row, b: Row) => number}
 */
export function order(column, down) {
  const key = KEYS[column];
  return (a, b) => {
    const [first, second] = [key(a), key(b)];
    if (first === null || second === null)
      return Number(first === null) - Number(second === null) || a.number - b.number;
    const compared = column === "reading" ? compareNumbers(String(first), String(second)) : compare(first, second);
    return (down ? -compared : compared) || a.number - b.number;
  };
}

/** @param {number | string} a @param {number | string} b */
function compare(a, b) {
  return typeof a === "number" && typeof b === "number" ? a - b : paths.compare(String(a), String(b));
}

/** By value, digit by digit: a float would take two long readings for one. @param {string} a @param {string} b */
function compareNumbers(a, b) {
  const [[wholeA, restA = ""], [wholeB, restB = ""]] = [a.split("."), b.split(".")];
  const width = Math.max(wholeA.length, wholeB.length);
  const [first, second] = [wholeA.padStart(width, "0") + restA, wholeB.padStart(width, "0") + restB];
  return first < second ? -1 : Number(first > second);
}
