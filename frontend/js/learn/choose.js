/** Which of a meter's readings can be learned from. */
import { fits } from "../stored.js";

/**
 * @typedef {import("../stored.js").Meter} Meter
 * @typedef {import("../stored.js").StoredReading} StoredReading
 * @typedef {import("./learner.js").Example} Example
 */

/** Corrections that it takes. */
export const ENOUGH = 10;
const MOST = 40; // pictures: more would take longer than they help

/**
 * @param {Meter} meter
 * @param {StoredReading[]} readings oldest first
 * @returns {{corrections: number, examples: Example[]}} how many pictures' readings a person has corrected; and the newest
 *   pictures whose reading is known: first these, then those that were accepted as they were read
 */
export function chooseExamples(meter, readings) {
  const known = readings.filter(({ picture, kind, text }) => picture && kind !== "doubtful" && fits(meter, text));
  const corrected = known.filter((reading) => reading.corrected);
  const accepted = known.filter((reading) => !reading.corrected);
  const newest = [...corrected.reverse(), ...accepted.reverse()].slice(0, MOST);
  const examples = newest.map(({ picture, box, text }) => ({ picture: /** @type {Blob} */ (picture), box, text }));
  return { corrections: corrected.length, examples };
}
