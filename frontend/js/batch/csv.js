/** The table as CSV, readings in their exact text. */
import { wallClock } from "../clock.js";
import { writeCsv } from "../csv.js";
import { textOf } from "./row.js";

/** @typedef {import("./row.js").Row} Row */

const COLUMNS = ["file", "meter", "reading", "state", "confidence", "date", "date_from", "as_read", "version"];

/**
 * @param {Row[]} rows
 * @returns {string} a header line and one for each row; a cell that a spreadsheet would run gets an apostrophe in front
 */
export function asCsv(rows) {
  return writeCsv([COLUMNS, ...rows.map(cells)]);
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
    taken ? wallClock(taken.time) : "",
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
  return reading?.accepted ? "accepted" : (reading?.reason ?? "doubtful");
}
