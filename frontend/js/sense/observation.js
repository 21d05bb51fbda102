/** Pictures and kept readings in the form in which common sense compares them: probabilities of a meter's drums. */
import { format } from "../plausible.js";

/**
 * @typedef {import("../chain.js").Observation} Observation
 * @typedef {{digits: number, decimals: number}} Format of a meter
 */

const DIGITS = 10;
const SURE = 0.9999; // of each digit that a person has typed: people mistype too

/**
 * @param {Format} meter
 * @param {Pick<import("../store.js").StoredReading, "time" | "text" | "rows" | "corrected">} reading
 * @returns {Observation} a person's word counts, where there is one
 */
export function observe(meter, { time, text, rows, corrected }) {
  return { time, rows: rows?.length && !corrected ? lastDrums(meter, rows) : typed(meter, text) };
}

/**
 * @param {Format} meter
 * @param {number[][]} rows of at least one drum; a meter may have got more drums since
 * @returns {number[][]} of its `digits` drums
 */
export function lastDrums({ digits }, rows) {
  const missing = Math.max(0, digits - rows.length);
  return [...Array.from({ length: missing }, () => certain(0)), ...rows.slice(-digits)];
}

/** @param {Format} meter @param {string} text @returns {number[][]} of its `digits` drums */
export function typed(meter, text) {
  return [...drumsOf(meter, text)].map((digit) => certain(Number(digit)));
}

/** @param {Format} meter @param {string} text such as "412.7" @returns {string} as the meter shows it, such as "00412.7" */
export function inForm(meter, text) {
  return format(meter, unitsOf(meter, text));
}

/** Whether a meter can show a text, and its form takes nothing of it away. @param {Format} meter @param {string} text */
export function holds(meter, text) {
  return Number(inForm(meter, text)) === Number(text);
}

/** @param {Format} meter @param {string} text such as "412.7" @returns {number} in units of the last drum, such as 4127 */
export function unitsOf(meter, text) {
  return Number(drumsOf(meter, text));
}

/** @param {Format} meter @param {string} text such as "412.7" @returns {string} its drums, such as "004127" */
function drumsOf({ digits, decimals }, text) {
  const [whole, rest = ""] = text.split(".");
  const before = digits - decimals;
  return whole.slice(-before).padStart(before, "0") + rest.slice(0, decimals).padEnd(decimals, "0");
}

/** @param {number} digit @returns {number[]} */
function certain(digit) {
  return Array.from({ length: DIGITS }, (_, each) => (each === digit ? SURE : (1 - SURE) / (DIGITS - 1)));
}
