/** The table as CSV (RFC 4180), readings in their exact text. */
import { isDoubtful, textOf } from "./row.js";

/** @typedef {import("./row.js").Row} Row */

const COLUMNS = ["file", "meter", "reading", "state", "confidence", "date", "date_from", "as_read", "version"];
const FORMULA = /^[=+\-@\t\r]/; // what a spreadsheet would run
const MARK = "\ufeff"; // tells spreadsheets that it is UTF-8

/**
 * @param {Row[]} rows
 * @returns {string} a header line and one for each row; a cell that a spreadsheet would run gets an apostrophe in front
 */
export function asCsv(rows) {
  const lines = [COLUMNS, ...rows.map(cells)].map((line) => line.map(quoted).join(","));
  return `${MARK}${lines.join("\r\n")}\r\n`;
}

/** @param {Row} row */
function cells(row) {
  const { path, meter, reading, taken } = row;
  const version = reading ? `${reading.model}/${reading.version}` : "";
  return [
    path,
    meter?.name ?? "",
    textOf(row) ?? "",
    stateOf(row),
    reading ? reading.confidence.toFixed(4) : "",
    taken ? local(new Date(taken.time)) : "",
    taken?.by ?? "",
    reading?.text ?? "",
    version,
  ];
}

/** One word for programs. @param {Row} row */
export function stateOf(row) {
  const { state, reading, corrected } = row;
  if (corrected !== null) return corrected === reading?.text ? "confirmed" : "corrected";
  if (state !== "read") return state === "failed" ? "failed" : "not_read";
  return isDoubtful(row) ? (reading?.reason ?? "doubtful") : "accepted";
}

/** As a clock on the wall showed it, ISO 8601. @param {Date} date */
function local(date) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const day = [String(date.getFullYear()).padStart(4, "0"), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day}T${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}

/** @param {string} cell */
function quoted(cell) {
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
