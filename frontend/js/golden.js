/** Is a backend to be trusted on this device? The same model can give different numbers on different ones. */
import { decode as decodePicture, preprocess } from "./imaging.js";
import { decode as decodeReading } from "./reading.js";

/** Largest difference from Keras in any probability. */
const TOLERANCE = 1e-3;
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
  const times = [];
  for (const { picture, box, output } of golden) {
    const decoded = await decodePicture(picture);
    const input = preprocess(decoded, box, card.input);
    decoded.close();
    const began = performance.now();
    const got = await predict(input);
    times.push(performance.now() - began);
    const wanted = output.flat();
    const difference = largestDifference(got, wanted);
    worst = Math.max(worst, difference);
    const same = difference <= TOLERANCE && decodeReading(got, card).text === decodeReading(wanted, card).text;
    if (!same) return { trusted: false, why: "different", worst };
  }
  if (!golden.length) return { trusted: false, why: "failed", message: "the version has no golden pictures" };
  return { trusted: true, worst, milliseconds: speed(times) };
}

/** The median of all but the first, which warms up (shaders and memory). @param {number[]} times */
function speed(times) {
  const warm = times.length > 1 ? times.slice(1) : times;
  return warm.sort((a, b) => a - b)[warm.length >> 1];
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
