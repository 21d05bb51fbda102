/** The test sheet as in the lab course: which digits are asked for, and what was recognised of them. */

/**
 * @typedef {{recipe: string, version: string, digit: number, confidence: number}} Recognised by one network
 * @typedef {object} Recorded one digit of the sheet
 * @property {number} place on the sheet, from 0 on
 * @property {number} asked the digit
 * @property {number} time when it was recorded, milliseconds since 1970
 * @property {Recognised[]} recognised
 */

/** The digits that are asked for, in this order. */
export const ASKED = [1, 3, 5, 7, 2];
const TIMES = 4;
/** One after another. */
export const PLAN = Array.from({ length: TIMES }, () => ASKED).flat();
const CLASSES = 10;

/**
 * What the networks recognised of one drawn digit.
 *
 * @param {import("./networks.js").Opened[]} working
 * @param {import("./networks.js").Look} look of one digit
 * @returns {Recognised[]}
 */
export function recognisedBy(working, { probabilities }) {
  return working.map(({ recipe, card }) => {
    const chances = probabilities[recipe][0];
    const confidence = Math.max(...chances);
    return { recipe, version: card?.version ?? "", digit: chances.indexOf(confidence), confidence };
  });
}

/** The networks that have recognised something, in the order in which they came. @param {Recorded[]} records */
export function recipesOf(records) {
  return [...new Set(records.flatMap(({ recognised }) => recognised.map(({ recipe }) => recipe)))];
}

/** How often each digit was asked for. @param {Recorded[]} records @returns {number[]} by digit, 0 to 9 */
export function askedFor(records) {
  return counted(records.map(({ asked }) => asked));
}

/**
 * How often a network recognised what, when a digit was asked for.
 *
 * @param {Recorded[]} records
 * @param {string} recipe
 * @param {number} [asked] any, if not given
 * @returns {number[]} by digit recognised, 0 to 9
 */
export function recognisedAs(records, recipe, asked) {
  const those = asked === undefined ? records : records.filter((each) => each.asked === asked);
  return counted(those.flatMap(({ recognised }) => recognised).flatMap((each) => own(each, recipe)));
}

/** @param {Recorded[]} records @param {string} recipe @returns {{right: number, all: number}} of those that it was shown */
export function rightOf(records, recipe) {
  const pairs = records.flatMap(({ asked, recognised }) =>
    recognised.flatMap((each) => own(each, recipe)).map((digit) => digit === asked),
  );
  return { right: pairs.filter(Boolean).length, all: pairs.length };
}

/** The sheet as a table: a line for each digit and network. @param {Recorded[]} records @returns {string[][]} */
export function asTable(records) {
  const head = ["number", "time", "asked", "network", "version", "recognised", "probability"];
  const lines = records.flatMap(({ place, asked, time, recognised }) =>
    recognised.map(({ recipe, version, digit, confidence }) => {
      const about = [place + 1, new Date(time).toISOString(), asked];
      return [...about, recipe, version, digit, confidence.toFixed(6)].map(String);
    }),
  );
  return [head, ...lines];
}

/** @param {Recognised} recognised @param {string} recipe */
function own(recognised, recipe) {
  return recognised.recipe === recipe ? [recognised.digit] : [];
}

/** @param {number[]} digits */
function counted(digits) {
  return Array.from({ length: CLASSES }, (_, digit) => digits.filter((each) => each === digit).length);
}
