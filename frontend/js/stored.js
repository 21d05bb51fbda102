/** What is kept of meters and their readings, and what is refused: it may come from a file that somebody sent. */
import { encode } from "./reading.js";

/**
 * @typedef {object} Meter
 * @property {string} id
 * @property {string} name 1 to 80 characters
 * @property {string} unit up to 16 characters, such as "kWh"
 * @property {number} digits drums, decimals included, 1 to 10
 * @property {number} decimals of these, 0 to 9
 * @property {number} mostPerDay highest plausible use a day, in the unit, above 0
 * @property {number} created milliseconds since 1970
 *
 * @typedef {object} StoredReading
 * @property {string} id
 * @property {string} meter its meter's id
 * @property {number} time milliseconds since 1970
 * @property {string} text such as "00412.7"
 * @property {number[][] | null} rows calibrated probabilities of the meter's drums, 10 each; null when typed in
 * @property {string | null} alone what the picture says by itself; null when typed in
 * @property {string} kind how it stands to the reading before, as `plausible.js` names it, or "doubtful"
 * @property {boolean} corrected whether a person typed or changed it
 * @property {Blob | null} picture
 * @property {import("./reader.js").Box | null} box where the display is in the picture, in its pixels
 * @property {string} version of the model that read it, such as "compact 2"; empty when typed in
 *
 * @typedef {object} Lesson what this device has learned about a meter; in no backup, and sent to nobody
 * @property {string} meter its id
 * @property {import("./reader.js").Learned} learned
 * @property {import("./learn/learner.js").Worth} worth
 * @property {number} time when it was learned, milliseconds since 1970
 *
 * @typedef {{id: string, [field: string]: any}} Outgoing something that waits to be sent; the sender knows what
 *
 * @typedef {{name: "field" | "name" | "unit" | "digits" | "decimals" | "most" | "reading" | "form" | "time" | "picture_type" |
 *   "picture" | "stray" | "columns" | "quotation" | "sheet", values?: Record<string, string | number>}} Why what is wrong with
 *   something, as texts_why.js has words for it
 * @typedef {"full" | "unavailable" | "newer" | "no_meter" | "invalid" | "failed"} StoreErrorCode
 */

export const NAME_LIMIT = 80;
export const UNIT_LIMIT = 16;
export const DRUMS = 10;

const LATEST = 8.64e15; // milliseconds; a Date holds no later ones
const SHORT = 100; // characters of a word that the page made itself

export class StoreError extends Error {
  /**
   * @param {StoreErrorCode} code
   * @param {string} message one English sentence: what was expected, what came
   * @param {{cause?: unknown, why?: Why}} [options] `why`: the same for people
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = "StoreError";
    this.code = code;
    this.why = options?.why ?? null;
  }
}

/** A new id; browsers keep randomUUID from pages without https. @returns {string} */
export function newId() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40; // version 4 of RFC 9562
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @param {Meter} meter @throws {StoreError} "invalid" */
export function checkMeter(meter) {
  const { id, name, unit, digits, decimals, mostPerDay, created } = Object(meter);
  expect(isText(id, 1, SHORT), "an id", id, field("id"));
  const named = isText(name, 1, NAME_LIMIT) && name.trim() === name;
  expect(named, `a name of 1 to ${NAME_LIMIT} characters`, name, limited("name", NAME_LIMIT));
  expect(isText(unit, 0, UNIT_LIMIT), `a unit of up to ${UNIT_LIMIT} characters`, unit, limited("unit", UNIT_LIMIT));
  expect(isWhole(digits, 1, DRUMS), `1 to ${DRUMS} digits`, digits, limited("digits", DRUMS));
  expect(isWhole(decimals, 0, digits - 1), `0 to ${digits - 1} decimals`, decimals, limited("decimals", digits - 1));
  expect(Number.isFinite(mostPerDay) && mostPerDay > 0, "a highest use a day above 0", mostPerDay, { name: "most" });
  expect(isTime(created), "the time when the meter was added", created, field("created"));
}

/** @param {StoredReading} reading @throws {StoreError} "invalid" */
export function checkReading(reading) {
  const { id, meter, time, text, rows, alone, kind, corrected, picture, box, version } = Object(reading);
  expect(isText(id, 1, SHORT), "an id", id, field("id"));
  expect(isText(meter, 1, SHORT), "a meter's id", meter, field("meter"));
  expect(isTime(time), "the time of the reading", time, field("time"));
  checkText(text);
  expect(rows === null || isRows(rows), `no probabilities, or up to ${DRUMS} rows of 10`, rows, field("rows"));
  expect(alone === null || isText(alone, 0, SHORT), "what the picture alone says, or nothing", alone, field("alone"));
  expect(isText(kind, 0, SHORT), "a kind of reading", kind, field("kind"));
  expect(typeof corrected === "boolean", "whether the reading was corrected", corrected, field("corrected"));
  expect(picture === null || picture instanceof Blob, "a picture or none", picture, field("picture"));
  expect(box === null || isBox(box), "a box or none", box, field("box"));
  expect(isText(version, 0, SHORT), "a version", version, field("version"));
}

/** Whether a reading's text has the form of its meter: as many decimals, and no more digits. @param {Meter} meter @param {string} text */
export function fits({ digits, decimals }, text) {
  const [whole, rest = ""] = text.split(".");
  return rest.length === decimals && whole.replace(/^0+(?=.)/, "").length <= digits - decimals;
}

/** @param {unknown} text with a point, if any @throws {StoreError} "invalid" */
export function checkText(text) {
  /** @type {Why} */
  const why = { name: "reading", values: { got: quoted(text), most: DRUMS } };
  try {
    encode(/** @type {string} */ (text));
  } catch (error) {
    throw new StoreError("invalid", /** @type {Error} */ (error).message, { cause: error, why });
  }
  if (String(text).includes(",")) throw new StoreError("invalid", `expected a decimal point, got '${text}'`, { why });
}

/** @param {boolean} fine @param {string} wanted @param {unknown} got @param {Why} why */
function expect(fine, wanted, got, why) {
  if (fine) return;
  const values = { got: quoted(got), ...why.values };
  throw new StoreError("invalid", `expected ${wanted}, got ${quoted(got)}`, { why: { ...why, values } });
}

/** A value of any kind, short. @param {unknown} got */
export function quoted(got) {
  if (typeof got === "string") return `'${[...got].slice(0, 40).join("")}'`;
  return Number.isFinite(got) ? String(got) : "–";
}

/** @param {string} name @returns {Why} */
function field(name) {
  return { name: "field", values: { field: name } };
}

/** @param {Why["name"]} name @param {number} most @returns {Why} */
function limited(name, most) {
  return { name, values: { most } };
}

/** @param {unknown} value @param {number} least @param {number} most characters */
function isText(value, least, most) {
  return typeof value === "string" && value.length >= least && value.length <= most;
}

/** @param {unknown} value @param {number} least @param {number} most */
function isWhole(value, least, most) {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

/** @param {unknown} value */
function isTime(value) {
  return Number.isFinite(value) && Math.abs(Number(value)) <= LATEST;
}

/** @param {unknown} rows */
function isRows(rows) {
  if (!Array.isArray(rows) || rows.length > DRUMS) return false;
  return rows.every((row) => Array.isArray(row) && row.length === 10 && row.every((each) => each >= 0 && each <= 1));
}

/** @param {any} box */
function isBox(box) {
  return ["x", "y", "width", "height"].every((side) => Number.isFinite(box?.[side]));
}
