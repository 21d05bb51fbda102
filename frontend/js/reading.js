/**
 * The codec between the text of a reading and the network's 11×10 array.
 *
 * Row 0 is the position of the decimal point, counted from the end (0 to 9 decimals); rows 1 to 10 are the digits,
 * padded with zeros on the left. So 2.29 has a one at column 2 of row 0, and its last three rows say 2, 2, 9.
 *
 * Twin of backend/domain/reading.py, down to the messages; tests/vectors/reading.json holds both together.
 */

/**
 * @typedef {object} Reading what an 11×10 array says
 * @property {string} text the best guess, even when it is not accepted
 * @property {string} value the same number as an exact decimal; a string, because a float would round it
 * @property {number} decimals how many digits stand after the decimal point
 * @property {{digit: number, confidence: number}[]} digits one for each digit of `text`, left to right
 * @property {number} pointConfidence how sure the decimal point's place is, 0 to 1
 * @property {number} confidence how sure the whole reading is, 0 to 1
 * @property {boolean} accepted
 * @property {null | "doubtful" | "no_display"} reason null when accepted
 *
 * @typedef {object} Decision how confidences are computed and judged; a version's card.json holds all of it
 * @property {number} [temperature] calibrates the row probabilities, above 0; 1 leaves them alone
 * @property {number} [threshold] a reading of at least this confidence is accepted, 0 to 1
 * @property {number} [unreadable] below this mean of the row confidences the picture shows no display, 0 to 1
 * @property {number} [unreadable_temperature] under which those confidences are; `temperature` without it
 */

export const DIGITS = 10;
export const ROWS = 1 + DIGITS;
export const CLASSES = 10;

const EVEN = Array(CLASSES).fill(1 / CLASSES);
const SHOWN = 40; // a refused text is quoted in the message up to this many characters

/** A text that cannot be a reading, or an array that is no output of the network. */
export class ReadingError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "ReadingError";
  }
}

/**
 * Turns a reading such as "2.29" into its one-hot array. A comma counts as a decimal point.
 *
 * @param {string} text
 * @returns {Float32Array} 11 rows of 10, one after the other
 * @throws {ReadingError} for no text, a sign, anything but the ASCII digits and one point, a point without a digit on
 *   each side, more than 10 digits in all
 */
export function encode(text) {
  const [whole, decimals] = parts(text);
  const array = new Float32Array(ROWS * CLASSES);
  const classes = [decimals.length, ...(whole + decimals).padStart(DIGITS, "0")].map(Number);
  classes.forEach((value, row) => (array[row * CLASSES + value] = 1));
  return array;
}

/**
 * Reads an array of probabilities.
 *
 * Entries that are NaN, infinite or negative count as 0. Each row says its largest class, the lowest of equals; a row
 * of zeros says 0 with confidence 0. The reading is as sure as the product of its rows.
 *
 * @param {ArrayLike<number> | ArrayLike<ArrayLike<number>>} array 110 numbers, row by row, or 11 rows of 10
 * @param {Decision} [decision] without it only a certain reading is accepted
 * @returns {Reading}
 * @throws {ReadingError} for an array of another shape or a decision out of range
 */
export function decode(array, { temperature = 1, threshold = 1, unreadable = 0, unreadable_temperature } = {}) {
  const soft = unreadable_temperature ?? temperature;
  checkDecision([temperature, soft], threshold, unreadable);
  const numbers = flat(array);
  const rows = Array.from({ length: ROWS }, (_, row) => readRow(numbers, row * CLASSES, temperature));
  const decimals = rows[0].digit;
  const padded = rows.slice(1).map((row) => row.digit);
  const whole = padded
    .slice(0, DIGITS - decimals)
    .join("")
    .replace(/^0+(?=.)/, "");
  const text = decimals ? `${whole}.${padded.slice(DIGITS - decimals).join("")}` : whole;
  const confidences = rows.map((row) => row.confidence);
  const confidence = confidences.reduce((product, each) => product * each, 1);
  const softened = rows.map((_, row) => readRow(numbers, row * CLASSES, soft).confidence);
  const reason = judge(softened, confidence, threshold, unreadable);
  return {
    text,
    value: text,
    decimals,
    digits: rows.slice(-(whole.length + decimals)),
    pointConfidence: confidences[0],
    confidence,
    accepted: reason === null,
    reason,
  };
}

/**
 * The probabilities that `decode` takes the largest of.
 *
 * @param {ArrayLike<number>} array 110 numbers, row by row
 * @param {Decision} [decision]
 * @returns {number[][]} 11 rows of 10, calibrated; each adds up to 1, a row of zeros says nothing and is even
 */
export function probabilities(array, { temperature = 1 } = {}) {
  const rows = Array.from({ length: ROWS }, (_, row) => rowAt(array, row * CLASSES));
  return rows.map((row) => (row.some(Boolean) ? calibrated(row, temperature) : EVEN));
}

/**
 * @param {string} text
 * @returns {[string, string]} the digits before and after the decimal point
 */
function parts(text) {
  if (typeof text !== "string") throw new ReadingError(`expected a reading as text, got ${kindOf(text)}`);
  if (!text) throw new ReadingError("expected a reading such as 123.45, got an empty text");
  const characters = [...text];
  const quoted = characters.length <= SHOWN ? `'${text}'` : `'${characters.slice(0, SHOWN).join("")}…'`;
  const got = `got ${quoted}`;
  if ("+-−".includes(text[0])) throw new ReadingError(`expected a reading without a sign, ${got}`);
  if (!/^[0-9.,]+$/.test(text)) {
    throw new ReadingError(`expected only the digits 0 to 9 and a decimal point, ${got}`);
  }
  const [whole, ...rest] = text.split(/[.,]/);
  if (rest.length > 1) throw new ReadingError(`expected at most one decimal point, ${got}`);
  const decimals = rest[0] ?? "";
  if (!whole || (rest.length && !decimals)) {
    throw new ReadingError(`expected a digit on each side of the decimal point, ${got}`);
  }
  const count = whole.length + decimals.length;
  if (count > DIGITS) throw new ReadingError(`expected a reading of at most ${DIGITS} digits, got ${count}: ${quoted}`);
  return [whole, decimals];
}

/** What a value is that is no text, in Python's words too. @param {unknown} value */
function kindOf(value) {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "boolean") return "true or false";
  if (typeof value === "number" || typeof value === "bigint") return "a number";
  return Array.isArray(value) || ArrayBuffer.isView(value) ? "a list" : "an object";
}

/** @param {number[]} temperatures @param {number} threshold @param {number} unreadable */
function checkDecision(temperatures, threshold, unreadable) {
  if (!temperatures.every((each) => each > 0 && each < Infinity)) {
    throw new ReadingError("expected a temperature above 0");
  }
  if (!(threshold >= 0 && threshold <= 1 && unreadable >= 0 && unreadable <= 1)) {
    throw new ReadingError("expected a threshold and an unreadable limit from 0 to 1");
  }
}

/**
 * @param {ArrayLike<number> | ArrayLike<ArrayLike<number>>} array
 * @returns {ArrayLike<number>} 110 numbers
 */
function flat(array) {
  const wanted = `expected an array of ${ROWS} rows of ${CLASSES} numbers`;
  const isFlat = !array.length || typeof array[0] !== "object";
  const rows = isFlat ? [] : Array.from(/** @type {ArrayLike<ArrayLike<number>>} */ (array), (row) => Array.from(row));
  if (rows.some((row) => row.length !== rows[0].length))
    throw new ReadingError(`${wanted}, got rows of different lengths`);
  const fits = isFlat ? array.length === ROWS * CLASSES : rows.length === ROWS && rows[0].length === CLASSES;
  if (!fits) {
    throw new ReadingError(`${wanted}, got the shape (${isFlat ? array.length : `${rows.length}, ${rows[0].length}`})`);
  }
  const numbers = isFlat ? /** @type {ArrayLike<number>} */ (array) : rows.flat();
  if (!Array.prototype.every.call(numbers, (number) => typeof number === "number")) {
    throw new ReadingError(`${wanted}, got values of another type`);
  }
  return numbers;
}

/**
 * The winning class of the row at `start` and its calibrated probability.
 *
 * @param {ArrayLike<number>} numbers
 * @param {number} start
 * @param {number} temperature
 */
function readRow(numbers, start, temperature) {
  const row = rowAt(numbers, start);
  const best = Math.max(...row);
  if (best === 0) return { digit: 0, confidence: 0 };
  const digit = row.indexOf(best); // the lowest of equals
  return { digit, confidence: calibrated(row, temperature)[digit] };
}

/** @param {ArrayLike<number>} numbers @param {number} start */
function rowAt(numbers, start) {
  return Array.from({ length: CLASSES }, (_, index) => probability(numbers[start + index]));
}

/**
 * p^(1/T) / Σ p^(1/T): divided by the winner first, which cancels out and keeps any size of number from overflowing.
 *
 * @param {number[]} row at least one above 0
 * @param {number} temperature
 */
function calibrated(row, temperature) {
  const best = Math.max(...row);
  const powers = row.map((each) => (each / best) ** (1 / temperature));
  const total = powers.reduce((sum, each) => sum + each, 0);
  return powers.map((each) => each / total);
}

/** @param {number} number */
function probability(number) {
  return Number.isFinite(number) && number > 0 ? number : 0;
}

/**
 * @param {number[]} softened the rows' confidences, by which a display is told
 * @param {number} confidence
 * @param {number} threshold
 * @param {number} unreadable
 * @returns {Reading["reason"]}
 */
function judge(softened, confidence, threshold, unreadable) {
  const mean = softened.reduce((sum, each) => sum + each, 0) / ROWS;
  if (mean < unreadable) return "no_display";
  return confidence >= threshold ? null : "doubtful";
}
