/**
 * Tuning a head on a few pictures of one meter.
 *
 * Adam (Kingma and Ba 2015) on small batches: half of each are views of the meter's pictures with their readings, half
 * are pictures that came with the model, with what the shipped head says of them as their target, so that nothing is
 * forgotten (Li and Hoiem 2016, "Learning without Forgetting"); and the parameters are drawn back to the shipped ones
 * (L2-SP, Li, Grandvalet and Davoine 2018).
 */

/**
 * @typedef {import("./head.js").Head} Head
 * @typedef {{wide: Float32Array, target: Float32Array}} View features of a picture's columns, and its 11 × 10
 * @typedef {object} Recipe
 * @property {number} steps
 * @property {number} batch views of the meter in each step, and as many of the model's own
 * @property {number} rate
 * @property {number} pull towards the shipped parameters
 */

/** @type {Recipe} */
export const RECIPE = { steps: 100, batch: 8, rate: 1e-3, pull: 3e-2 };
const [MEAN, SQUARE, TINY] = [0.9, 0.999, 1e-8]; // as in Adam's paper

/**
 * @param {Head} head
 * @param {Float32Array} shipped parameters
 * @param {View[][]} examples of the meter: each picture's views
 * @param {View[][]} replay the model's own pictures in the same way, their targets what the shipped head says
 * @param {Recipe} [recipe]
 * @returns {Float32Array} the tuned parameters
 */
export function tune(head, shipped, examples, replay, recipe = RECIPE) {
  const parameters = shipped.slice();
  const [mean, square] = [new Float32Array(head.length), new Float32Array(head.length)];
  const random = generator(1);
  for (let step = 1; step <= recipe.steps; step++) {
    const gradient = new Float32Array(head.length);
    for (const { wide, target } of draw(examples, replay, recipe.batch, random)) {
      head.backward(parameters, head.forward(parameters, wide), target, gradient);
    }
    const rate = (recipe.rate * (1 + Math.cos((Math.PI * (step - 1)) / recipe.steps))) / 2;
    const [first, second] = [1 - MEAN ** step, 1 - SQUARE ** step];
    for (let at = 0; at < parameters.length; at++) {
      const slope = gradient[at] / (2 * recipe.batch) + recipe.pull * (parameters[at] - shipped[at]);
      mean[at] += (1 - MEAN) * (slope - mean[at]);
      square[at] += (1 - SQUARE) * (slope * slope - square[at]);
      parameters[at] -= (rate * (mean[at] / first)) / (Math.sqrt(square[at] / second) + TINY);
    }
  }
  return parameters;
}

/** @param {View[][]} examples @param {View[][]} replay @param {number} count @param {() => number} random */
function draw(examples, replay, count, random) {
  /** @template Each @param {Each[]} all */
  const any = (all) => all[Math.floor(random() * all.length)];
  const own = Array.from({ length: count }, () => any(any(examples)));
  return replay.length ? [...own, ...Array.from({ length: count }, () => any(any(replay)))] : own;
}

/** Numbers from 0 to 1, the same each time: Mulberry32 (Tommy Ettinger 2017). @param {number} seed */
export function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
