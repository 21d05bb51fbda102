/** Readings as a table for spreadsheets, and tables from there as readings. */
import { CsvError, readCsv, writeCsv } from "../csv.js";
import { StoreError, checkMeter, checkReading, checkText, fits, newId, quoted } from "../stored.js";
import { ImportError, whyOf } from "./backup.js";
import { usualUse } from "./units.js";

/**
 * @typedef {import("../stored.js").Meter} Meter
 * @typedef {import("../stored.js").StoredReading} StoredReading
 * @typedef {import("./backup.js").Everything} Everything
 * @typedef {import("./backup.js").Found} Found
 * @typedef {Record<string, string>} Row cells by column
 */

const COLUMNS = [
  "meter",
  "unit",
  "digits",
  "decimals",
  "most_per_day",
  "time",
  "reading",
  "kind",
  "corrected",
  "version",
];
const NEEDED = ["meter", "time", "reading"];
const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?)?$/; // of ISO 8601

/** @param {Everything} everything @returns {string} one line for each reading, oldest first; times in UTC */
export function writeTable({ meters, readings }) {
  const lines = meters.flatMap((meter) =>
    readings
      .filter((reading) => reading.meter === meter.id)
      .sort((a, b) => a.time - b.time)
      .map(({ time, text, kind, corrected, version }) => [
        ...[meter.name, meter.unit, String(meter.digits), String(meter.decimals), String(meter.mostPerDay)],
        ...[new Date(time).toISOString(), text, kind, corrected ? "yes" : "no", version],
      ]),
  );
  return writeCsv([COLUMNS, ...lines]);
}

/**
 * Reads a table. A meter is known by its name; one that is not there yet is added.
 *
 * @param {string} text with the columns meter, time and reading at least
 * @param {Everything} there what is kept already: a reading of the same time and text is not taken twice
 * @returns {Found} what is new
 * @throws {ImportError} the first row that is refused; then nothing is taken
 */
export function readTable(text, there) {
  const { head, rows } = headed(text);
  const missing = NEEDED.filter((name) => !head.includes(name));
  if (missing.length) {
    const [needed, got] = [NEEDED, head].map((names) => names.join(", "));
    throw new ImportError("columns", `expected the columns ${needed}, got ${got}`, {
      name: "columns",
      values: { needed, got: quoted(got) },
    });
  }
  const meters = new Map(there.meters.map((meter) => [meter.name, meter]));
  const seen = new Set(there.readings.map(mark));
  /** @type {Found} */
  const found = { meters: [], readings: [], known: 0 };
  for (const { line, row } of rows) {
    const { meter, reading } = checked(line, () => read(row, meters.get(row.meter)));
    if (!meters.has(meter.name)) found.meters.push(meter);
    meters.set(meter.name, meter);
    if (seen.has(mark(reading))) found.known++;
    else found.readings.push(reading);
    seen.add(mark(reading));
  }
  return found;
}

/** @param {string} text @returns {{head: string[], rows: {line: number, row: Row}[]}} */
function headed(text) {
  try {
    const [first, ...others] = readCsv(text);
    const head = (first?.cells ?? []).map((name) => name.trim().toLowerCase());
    const row = (/** @type {string[]} */ cells) =>
      Object.fromEntries(head.map((name, at) => [name, (cells[at] ?? "").trim()]));
    return { head, rows: others.map(({ line, cells }) => ({ line, row: row(cells) })) };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new ImportError("table", error.message, { name: "quotation", values: { line: error.line } });
  }
}

/** @param {StoredReading} reading */
function mark({ meter, time, text }) {
  return JSON.stringify([meter, time, text]);
}

/** @template Result @param {number} line @param {() => Result} work @returns {Result} */
function checked(line, work) {
  try {
    return work();
  } catch (error) {
    throw new ImportError("row", /** @type {Error} */ (error).message, whyOf(error), line);
  }
}

/** @param {Row} row @param {Meter | undefined} known @returns {{meter: Meter, reading: StoredReading}} */
function read(row, known) {
  const text = row.reading.replace(",", ".");
  checkText(text);
  const meter = known ?? newMeter(row, text);
  if (!fits(meter, text)) {
    const { digits, decimals } = meter;
    throw new StoreError(
      "invalid",
      `expected a reading of ${digits} digits, ${decimals} of them decimals, got '${text}'`,
      {
        why: { name: "form", values: { digits, decimals, got: quoted(text) } },
      },
    );
  }
  const corrected = row.corrected !== "no"; // a table from elsewhere was typed by somebody
  const [kind, version] = [row.kind || "first", row.version ?? ""];
  const reading = { id: newId(), meter: meter.id, time: timeOf(row.time), text, kind, corrected, version };
  const whole = { ...reading, rows: null, alone: null, picture: null, box: null };
  checkReading(whole);
  return { meter, reading: whole };
}

/** @param {Row} row @param {string} text its reading, which tells the form where no column does @returns {Meter} */
function newMeter(row, text) {
  const decimals = row.decimals ? wholeOf(row.decimals) : (text.split(".")[1]?.length ?? 0);
  const digits = row.digits ? wholeOf(row.digits) : Math.max(5, text.replace(".", "").length);
  const unit = row.unit ?? "";
  const mostPerDay = row.most_per_day ? Number(row.most_per_day.replace(",", ".")) : usualUse(unit);
  const meter = { id: newId(), name: row.meter, unit, digits, decimals, mostPerDay, created: Date.now() };
  checkMeter(meter);
  return meter;
}

/** @param {string} text @returns {number} NaN for anything but a few digits */
function wholeOf(text) {
  return /^\d{1,2}$/.test(text) ? Number(text) : NaN;
}

/** @param {string} text @returns {number} milliseconds since 1970; without a zone, by this device's clock */
function timeOf(text) {
  const local = text.replace(" ", "T");
  const time = TIME.test(text) ? Date.parse(local.includes("T") ? local : `${local}T00:00`) : NaN;
  if (!Number.isNaN(time)) return time;
  const got = quoted(text);
  const why = /** @type {const} */ ({ name: "time", values: { got } });
  throw new StoreError("invalid", `expected a time such as 2026-03-01T08:30, got ${got}`, { why });
}
