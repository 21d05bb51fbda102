/** Meters and readings as one JSON file, pictures in base64: what is written is read back exactly. */
import { readHeader } from "../headers.js";
import { StoreError, checkMeter, checkReading } from "../stored.js";

/**
 * @typedef {import("../stored.js").Meter} Meter
 * @typedef {import("../stored.js").StoredReading} StoredReading
 * @typedef {{meters: Meter[], readings: StoredReading[]}} Everything
 * @typedef {Everything & {known: number}} Found what a file holds, and how many readings it holds that were left out
 */

const FORMAT = "meter-reader";
const VERSION = 1;
const PICTURES = ["image/jpeg", "image/png", "image/webp"]; // no SVG: that may hold scripts

const METER = /** @type {const} */ (["id", "name", "unit", "digits", "decimals", "mostPerDay", "created"]);
const READING = /** @type {const} */ ([
  "id",
  "meter",
  "time",
  "text",
  "rows",
  "alone",
  "kind",
  "corrected",
  "picture",
  "box",
  "version",
]);

/** A file that is refused, and which of its lines or entries is to blame. */
export class ImportError extends Error {
  /**
   * @param {"json" | "format" | "meter" | "reading" | "table" | "columns" | "row" | "large"} code
   * @param {string} message one English sentence
   * @param {import("../stored.js").Why | null} [why] the same for people
   * @param {number} [place] of what is refused, from 1
   */
  constructor(code, message, why = null, place = 0) {
    super(message);
    this.name = "ImportError";
    this.code = code;
    this.why = why;
    this.place = place;
  }
}

/** @param {Everything} everything @returns {Promise<Blob>} in parts: no text holds all pictures at once */
export async function writeBackup({ meters, readings }) {
  const head = {
    format: FORMAT,
    version: VERSION,
    exported: new Date().toISOString(),
    meters: meters.map((meter) => only(METER, meter)),
  };
  const parts = [JSON.stringify(head).slice(0, -1), ',"readings":['];
  for (const [index, reading] of readings.entries()) {
    const picture = reading.picture && { type: reading.picture.type, base64: await base64Of(reading.picture) };
    parts.push(index ? ",\n" : "\n", JSON.stringify({ ...only(READING, reading), picture }));
  }
  return new Blob([...parts, "\n]}\n"], { type: "application/json" });
}

/** @param {string} text @returns {Found} all checked; only fields that are known @throws {ImportError} */
export function readBackup(text) {
  const all = parse(text);
  if (all?.format !== FORMAT || all.version !== VERSION || !Array.isArray(all.meters) || !Array.isArray(all.readings)) {
    throw new ImportError("format", "expected a file that this page has exported, got other JSON");
  }
  const meters = all.meters.map((/** @type {any} */ entry, /** @type {number} */ index) =>
    checked("meter", index, () => {
      const meter = only(METER, entry);
      checkMeter(meter);
      return meter;
    }),
  );
  const known = new Set(meters.map((/** @type {Meter} */ { id }) => id));
  const readings = all.readings.map((/** @type {any} */ entry, /** @type {number} */ index) =>
    checked("reading", index, () => readEntry(entry, known)),
  );
  return { meters, readings, known: 0 };
}

/** @param {any} entry @param {Set<string>} known ids of the file's meters @returns {StoredReading} */
function readEntry(entry, known) {
  const reading = only(READING, { ...entry, picture: entry?.picture ? pictureOf(entry.picture) : null });
  checkReading(reading);
  if (known.has(reading.meter)) return reading;
  throw new StoreError("no_meter", "expected a reading of a meter in the file", { why: { name: "stray" } });
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ImportError("json", `expected JSON, got another text: ${/** @type {Error} */ (error).message}`);
  }
}

/** @template Result @param {"meter" | "reading"} code @param {number} index @param {() => Result} read @returns {Result} */
function checked(code, index, read) {
  try {
    return read();
  } catch (error) {
    throw new ImportError(code, /** @type {Error} */ (error).message, whyOf(error), index + 1);
  }
}

/** What is known of why an entry was refused. @param {unknown} error */
export function whyOf(error) {
  return error instanceof StoreError ? error.why : null;
}

/** @param {readonly string[]} names @param {any} entry @returns {any} a copy with these fields only; missing ones are null */
function only(names, entry) {
  return Object.fromEntries(names.map((name) => [name, entry?.[name] ?? null]));
}

/** @param {any} picture @returns {Blob} */
function pictureOf({ type, base64 }) {
  const types = PICTURES.join(", ");
  if (!PICTURES.includes(type)) {
    const why = /** @type {const} */ ({ name: "picture_type", values: { types } });
    throw new StoreError("invalid", `expected ${types}, got another type`, { why });
  }
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  if (!readHeader(bytes)?.complete) {
    throw new StoreError("invalid", "expected a whole picture, got other bytes", { why: { name: "picture" } });
  }
  return new Blob([bytes], { type });
}

/** @param {Blob} blob @returns {Promise<string>} */
function base64Of(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,?/, ""));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
