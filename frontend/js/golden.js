/** Is a backend to be trusted on this device? The same model can give different numbers on different ones. */
import { decode as decodePicture, preprocess } from "./imaging.js";
import { decode as decodeReading } from "./reading.js";

/** Largest difference from Keras in any probability. */
const TOLERANCE = 1e-3;
/** Timed predictions; the median is the backend's speed. */
const TIMED = 5;

/**
 * @typedef {object} Verdict
 * @property {boolean} trusted
 * @property {"different" | "unavailable" | "failed"} [why] set when it is not
 * @property {string} [message] what failed
 * @property {number} [worst] largest difference from the golden outputs
 * @property {number} [milliseconds] median of the network alone, after warm-up
 */

/**
 * @param {import("./version.js").Version} version
 * @param {(input: Float32Array) => Promise<Float32Array>} predict
 * @returns {Promise<Verdict>}
 */
export async function check({ card, golden }, predict) {
  let worst = 0;
  /** @type {Float32Array | undefined} */
  let input;
  for (const { picture, box, output } of golden) {
    const decoded = await decodePicture(picture);
    input = preprocess(decoded, box, card.input);
    decoded.close();
    const got = await predict(input);
    const wanted = output.flat();
    const difference = largestDifference(got, wanted);
    worst = Math.max(worst, difference);
    const same = difference <= TOLERANCE && decodeReading(got, card).text === decodeReading(wanted, card).text;
    if (!same) return { trusted: false, why: "different", worst };
  }
  if (!input) return { trusted: false, why: "failed" };
  return { trusted: true, worst, milliseconds: await medianTime(input, predict) };
}

/**
 * @param {ArrayLike<number>} got
 * @param {number[]} wanted
 * @returns {number} infinite when a number is missing or is none
 */
export function largestDifference(got, wanted) {
  if (got.length !== wanted.length) return Infinity;
  const worst = Math.max(...wanted.map((number, at) => Math.abs(number - got[at])));
  return Number.isNaN(worst) ? Infinity : worst;
}

/** @param {Float32Array} input @param {(input: Float32Array) => Promise<Float32Array>} predict */
async function medianTime(input, predict) {
  const times = [];
  for (let run = 0; run < TIMED; run++) {
    const began = performance.now();
    await predict(input);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[TIMED >> 1];
}
