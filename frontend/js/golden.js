/** Is a backend to be trusted on this device? The same model can give different numbers on different ones. */
import { decode as decodePicture, preprocess } from "./imaging.js";
import { find } from "./outline.js";
import { decode as decodeReading } from "./reading.js";

/** Largest difference from Keras in any probability. */
const TOLERANCE = 1e-3;
/** Largest difference from what Keras finds: of a corner, as a part of the picture's longer side, and of the presence. */
const CORNER_TOLERANCE = 0.01;
const PRESENCE_TOLERANCE = 0.05;

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

/**
 * @param {import("./version.js").FinderVersion} version
 * @param {import("./outline.js").Predict} predict
 * @returns {Promise<Verdict>} its `worst` is the largest difference of a corner, as a part of the picture's longer side
 */
export async function checkFinder({ golden }, predict) {
  let worst = 0;
  for (const { picture, corners, presence } of golden) {
    const decoded = await decodePicture(picture);
    const found = await find(decoded, predict);
    decoded.close();
    const away = largestDifference(found.corners.flat(), corners.flat()) / Math.max(decoded.width, decoded.height);
    worst = Math.max(worst, away);
    const same = away <= CORNER_TOLERANCE && Math.abs(found.presence - presence) <= PRESENCE_TOLERANCE;
    if (!same) return { trusted: false, why: "different", worst };
  }
  if (!golden.length) return { trusted: false, why: "failed", message: "the version has no golden pictures" };
  return { trusted: true, worst };
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
