/** A reading judged with common sense: what the picture says, what the meter's past allows, and how both fit. */

import { follow, reach } from "./chain.js";
import { likeliest } from "./likeliest.js";

/**
 * @typedef {import("./chain.js").Meter} Meter
 * @typedef {import("./chain.js").Observation} Observation
 *
 * @typedef {object} Judgement
 * @property {string} text the most probable reading that is possible, padded to the meter's drums
 * @property {string} alone what the picture says by itself, in the same form
 * @property {boolean} changed whether the past changed what the picture says
 * @property {number} probability of `text`, 0 to 1
 * @property {boolean} accepted
 * @property {"first" | "forward" | "rollover" | "backwards" | "jump"} kind how `alone` stands to the reading before:
 *   backwards and jump cannot be, rollover went through the last number to zero
 * @property {number | null} before what the meter most probably stood at before, in units of the last drum
 * @property {number | null} beforeTime when that was
 */

export const ENOUGH = 0.999; // probability from which a reading is accepted

/**
 * @param {Meter} meter
 * @param {Observation[]} past the meter's earlier pictures, accepted or not, oldest first
 * @param {Observation} now
 * @returns {Judgement}
 * @throws {RangeError} for a meter or a picture that cannot be
 */
export function judgeReading(meter, past, now) {
  check(meter, [...past, now]);
  const { value, probability, before, beforeTime } = follow(meter, [...past, now]);
  const alone = likeliest(now.rows, 1)[0];
  return {
    text: format(meter, value),
    alone: format(meter, alone),
    changed: value !== alone,
    probability,
    accepted: probability >= ENOUGH,
    kind: before === null || beforeTime === null ? "first" : compare(meter, before, alone, now.time - beforeTime),
    before,
    beforeTime,
  };
}

/**
 * @param {Meter} meter @param {number} before @param {number} after in units of the last drum
 * @param {number} milliseconds between both
 * @returns {Judgement["kind"]}
 */
export function compare(meter, before, after, milliseconds) {
  const values = 10 ** meter.digits;
  const far = reach(meter, milliseconds);
  if (after >= before) return after - before <= far ? "forward" : "jump";
  if (before - after <= 1) return "forward"; // the last drum was read early
  return after + values - before <= far ? "rollover" : "backwards";
}

/**
 * @param {{digits: number, decimals: number, mostPerDay?: number}} meter @param {number} value in units of the last drum
 * @returns {string} such as "00412.7"
 */
export function format({ digits, decimals }, value) {
  const text = String(value).padStart(digits, "0");
  return decimals ? `${text.slice(0, digits - decimals)}.${text.slice(digits - decimals)}` : text;
}

/** @param {Meter} meter @param {Observation[]} observations */
function check({ digits, decimals, mostPerDay }, observations) {
  if (!(Number.isInteger(digits) && digits >= 1 && digits <= 10)) {
    throw new RangeError(`expected a meter of 1 to 10 digits, got ${digits}`);
  }
  if (!(Number.isInteger(decimals) && decimals >= 0 && decimals < digits)) {
    throw new RangeError(`expected 0 to ${digits - 1} decimals, got ${decimals}`);
  }
  if (!(mostPerDay > 0 && mostPerDay < Infinity)) throw new RangeError(`expected a use above 0, got ${mostPerDay}`);
  observations.forEach(({ rows, time }, index) => {
    if (rows.length !== digits || rows.some((row) => row.length !== 10)) {
      throw new RangeError(`expected probabilities of ${digits} drums, got ${rows.length}`);
    }
    if (index && !(time >= observations[index - 1].time)) {
      throw new RangeError("expected pictures in the order of their times, got a later one before an earlier one");
    }
  });
}
