/**
 * What a device learns about one meter, and what that is worth: nothing is believed that was not tried.
 *
 * Each picture is read by a head that was tuned without it (cross-validation in three folds); only when more are right
 * than before, and the model's own pictures are still read as they were, is the head that was tuned on all of them kept.
 */
import { CLASSES } from "../reading.js";
import { RECIPE, tune } from "./tune.js";

/**
 * @typedef {import("./head.js").Head} Head
 * @typedef {import("./tune.js").View} View
 * @typedef {object} Study
 * @property {Float32Array} parameters of the head
 * @property {number} temperature by which its probabilities are softened, beside the card's; 1 leaves them alone
 * @property {number} pictures how many it was tuned on
 * @property {number} before how many of them the model read right
 * @property {number} after how many a head tuned without them reads right
 * @property {boolean} intact whether the model's own pictures are still read as before
 */

const FOLDS = 3;
const TEMPERATURES = [1, 1.25, 1.6, 2, 2.5, 3.2, 4];
const LEAST = 1e-7; // of a probability: nothing is impossible

/**
 * @param {Head} head
 * @param {Float32Array} shipped parameters
 * @param {View[][]} examples each picture's views, the picture as it is first
 * @param {View[][]} replay the model's own pictures in the same way, their targets what the shipped head says
 * @param {(done: number) => void} say called with the part that is done, 0 to 1
 * @param {import("./tune.js").Recipe} recipe
 * @returns {Study}
 */
export function study(head, shipped, examples, replay, say = () => {}, recipe = RECIPE) {
  const folds = Math.min(FOLDS, examples.length);
  /** @type {View[]} what was held out, and what was then said of it as `wide` */
  const held = [];
  for (let fold = 0; fold < folds; fold++) {
    const without = examples.filter((_, at) => at % folds !== fold);
    const parameters = tune(head, shipped, without, replay, recipe);
    for (const [{ wide, target }] of examples.filter((_, at) => at % folds === fold)) {
      held.push({ wide: head.forward(parameters, wide).output, target });
    }
    say((fold + 1) / (folds + 1));
  }
  const parameters = tune(head, shipped, examples, replay, recipe);
  say(1);
  return {
    parameters,
    temperature: temperatureOf(held),
    pictures: examples.length,
    before: examples.filter(([{ wide, target }]) => isSame(head.forward(shipped, wide).output, target)).length,
    after: held.filter(({ wide, target }) => isSame(wide, target)).length,
    intact: replay.every(([{ wide, target }]) => isSame(head.forward(parameters, wide).output, target)),
  };
}

/** Whether the head that was tuned is to be used. @param {Pick<Study, "before" | "after" | "intact">} study */
export function isBetter({ before, after, intact }) {
  return intact && after > before;
}

/** Whether two arrays say the same reading. @param {Float32Array} one @param {Float32Array} other 11 × 10 each */
function isSame(one, other) {
  for (let row = 0; row < one.length; row += CLASSES) {
    if (best(one.subarray(row, row + CLASSES)) !== best(other.subarray(row, row + CLASSES))) return false;
  }
  return true;
}

/** @param {Float32Array} row */
function best(row) {
  return row.indexOf(Math.max(...row));
}

/**
 * The temperature under which what was held out is likeliest (Guo et al. 2017), never below 1: a head that was tuned on a
 * few pictures is rather too sure than too modest.
 *
 * @param {View[]} held outputs as `wide`
 */
function temperatureOf(held) {
  const losses = TEMPERATURES.map((temperature) => held.reduce((sum, each) => sum + surprise(each, temperature), 0));
  return TEMPERATURES[losses.indexOf(Math.min(...losses))];
}

/** Cross-entropy of a softened output. @param {View} held @param {number} temperature */
function surprise({ wide, target }, temperature) {
  let sum = 0;
  for (let row = 0; row < wide.length; row += CLASSES) {
    const powers = wide.subarray(row, row + CLASSES).map((each) => Math.max(each, LEAST) ** (1 / temperature));
    const right = powers[best(target.subarray(row, row + CLASSES))];
    sum -= Math.log(right / powers.reduce((all, each) => all + each, 0));
  }
  return sum;
}
