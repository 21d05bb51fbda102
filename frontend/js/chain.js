/**
 * What a meter's own past says about a new picture: a meter only runs forward, and no faster than it can.
 *
 * Each picture gives probabilities for each drum. The pictures of one meter form a chain: those that were read right
 * follow each other plausibly, the others were misread and say nothing. The weights of all such chains are summed up
 * (a hidden semi-Markov model), so a wrong reading that was once accepted loses its weight as soon as later ones
 * contradict it.
 */

import { likelihood, likeliest, likeliestWithin } from "./likeliest.js";

/**
 * @typedef {object} Meter
 * @property {number} digits drums, decimals included, 1 to 10
 * @property {number} decimals of these, 0 to 9
 * @property {number} mostPerDay highest plausible use a day, in the meter's unit, above 0
 *
 * @typedef {object} Observation one picture of the meter
 * @property {number} time milliseconds since 1970
 * @property {number[][]} rows calibrated probabilities of the `digits` drums, left to right, 10 each
 *
 * @typedef {object} Link what is known after a picture
 * @property {number} value what it most probably shows, in units of the last drum
 * @property {number} probability of that, 0 to 1, given this and the earlier pictures
 * @property {number | null} before what the meter most probably stood at before; null when nothing is known of it
 * @property {number | null} beforeTime when that was
 *
 * @typedef {{weight: number, best: number, before: number | null, beforeTime: number | null}} End all chains that end
 *   in one value: their weight together, the best one's, and where that comes from
 */

const REMEMBERED = 8; // pictures; more do not make the newest any surer
const ALONE = 8; // values that a picture is asked for by itself
const KEPT = 8; // likeliest values of a picture, which later ones may follow
const LED_ON = 4; // of these, from which values of a later picture are looked for
const MISREAD = 0.05; // of pictures are misread in a way that their probabilities do not tell
const RESET = 1e-5; // of steps: the meter was exchanged
const TYPICAL = 0.2; // of the highest plausible use is used on average
const SLACK = 1; // units of the last drum: it may be read early, between two digits
const EARLY = 0.02; // of the drums between two digits are read early, and look as if they had gone back
const DAY = 86_400_000;

/**
 * @param {Meter} meter
 * @param {Observation[]} observations in the order of their times, the newest last; at least one
 * @returns {Link} about the newest
 */
export function follow(meter, observations) {
  const recent = observations.slice(-REMEMBERED);
  const values = 10 ** meter.digits;
  /** @type {Map<number, End>[]} */
  const chains = [];
  for (const observation of recent) {
    const earlier = recent.slice(0, chains.length);
    const candidates = candidatesOf(meter, observation, earlier, chains);
    const ends = [...candidates].map((value) => /** @type {[number, End]} */ ([value, arrive(value)]));
    chains.push(new Map(ends.sort((a, b) => b[1].weight - a[1].weight).slice(0, KEPT)));

    /** @param {number} value @returns {End} */
    function arrive(value) {
      const end = sumUp(meter, observation.time, value, earlier, chains);
      const seen = (1 - MISREAD) * likelihood(observation.rows, value);
      return { ...end, weight: end.weight * seen };
    }
  }
  return conclude(chains, values);
}

/** How far the meter may run from one time to another, in units of the last drum. @param {Meter} meter @param {number} milliseconds */
export function reach(meter, milliseconds) {
  const most = Math.ceil((Math.max(0, milliseconds) / DAY) * meter.mostPerDay * 10 ** meter.decimals);
  return Math.min(most + SLACK, 10 ** meter.digits - 1);
}

/**
 * The values in question for a picture: what it says by itself, and the likeliest that can follow what was before.
 *
 * @param {Meter} meter @param {Observation} observation @param {Observation[]} earlier @param {Map<number, End>[]} chains
 */
function candidatesOf(meter, { rows, time }, earlier, chains) {
  const found = new Set(likeliest(rows, ALONE));
  const values = 10 ** meter.digits;
  earlier.forEach((past, index) => {
    const far = reach(meter, time - past.time);
    for (const value of [...chains[index].keys()].slice(0, LED_ON)) {
      const [low, high] = [Math.max(0, value - SLACK), value + far];
      found.add(likeliestWithin(rows, low, Math.min(high, values - 1)));
      if (high >= values) found.add(likeliestWithin(rows, 0, high - values)); // through 99999 to 00000
    }
  });
  return found;
}

/**
 * All chains that reach `value`, before the picture itself is looked at.
 *
 * @param {Meter} meter @param {number} time @param {number} value
 * @param {Observation[]} earlier @param {Map<number, End>[]} chains
 * @returns {End}
 */
function sumUp(meter, time, value, earlier, chains) {
  const values = 10 ** meter.digits;
  const unread = MISREAD / values; // a misread picture shows any value
  const first = unread ** earlier.length / values; // none before was read right
  /** @type {End} */
  const end = { weight: first, best: first, before: null, beforeTime: null };
  earlier.forEach((past, index) => {
    const skipped = unread ** (earlier.length - 1 - index);
    const far = reach(meter, time - past.time);
    for (const [from, { weight }] of chains[index]) {
      const step = weight * skipped * transition(values, far, from, value);
      end.weight += step;
      if (step > end.best) Object.assign(end, { best: step, before: from, beforeTime: past.time });
    }
  });
  return end;
}

/**
 * The probability of standing at `to` after `from`: mostly a little further, hardly ever much, never back.
 *
 * @param {number} values how many there are @param {number} far how far the meter may have run
 * @param {number} from @param {number} to
 */
function transition(values, far, from, to) {
  const used = (to - from + values) % values;
  const exchanged = RESET / values;
  if (used >= values - SLACK) return exchanged + EARLY * share(0, far);
  return used > far ? exchanged : exchanged + (1 - RESET - EARLY) * share(used, far);
}

/** Geometric, with the typical use as its mean. @param {number} used @param {number} far */
function share(used, far) {
  const mean = Math.max(0.5, TYPICAL * far);
  return (mean / (1 + mean)) ** used / (1 + mean);
}

/**
 * The likeliest value of the newest picture, and how likely, among all values and the case that it was misread.
 *
 * @param {Map<number, End>[]} chains @param {number} values
 * @returns {Link}
 */
function conclude(chains, values) {
  const unread = MISREAD / values;
  const last = /** @type {Map<number, End>} */ (chains.at(-1));
  let total = unread ** chains.length;
  chains.forEach((ends, index) => {
    for (const { weight } of ends.values()) total += weight * unread ** (chains.length - 1 - index);
  });
  const [value, end] = [...last].reduce((best, each) => (each[1].weight > best[1].weight ? each : best));
  return { value, probability: end.weight / total, before: end.before, beforeTime: end.beforeTime };
}
