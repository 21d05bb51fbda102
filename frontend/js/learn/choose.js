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
 * @returns {{corrections: number, examples: Example[], key: string}} how many pictures' readings a person has corrected;
 *   the newest pictures whose reading is known: first these, then those that were accepted as they were read; and what is
 *   the same for the same examples alone
 */
export function chooseExamples(meter, readings) {
  const known = readings.filter(({ picture, kind, text }) => picture && kind !== "doubtful" && fits(meter, text));
  const corrected = known.filter((reading) => reading.corrected);
  const accepted = known.filter((reading) => !reading.corrected);
  const newest = [...corrected.reverse(), ...accepted.reverse()].slice(0, MOST);
  const examples = newest.map(({ picture, box, text }) => ({ picture: /** @type {Blob} */ (picture), box, text }));
  const key = newest.map(({ id, text }) => `${id}:${text}`).join();
  return { corrections: corrected.length, examples, key };
}
