/** The worker of drawn digits: strokes → ink → the digits in a row → each centred → all networks. */
import { serve } from "../classifiers/serving.js";
import { centred, digitsInARow, framed, NoInkError, SIDE } from "../drawn.js";
import { paint, PAPER } from "./strokes.js";

/**
 * @typedef {object} Look
 * @property {Float32Array[]} seen what the networks see of each digit, from left to right: 28 × 28; none when too many
 * @property {Record<string, Float32Array[]>} probabilities by recipe: 10 for each digit
 * @property {boolean} tooMany whether more digits are drawn than a reading has
 * @typedef {import("../classifiers/versions.js").ClassifierCard["input"]} Size
 */

serve(({ pixels }, size) => inputOf(redOf(pixels(0, 0, SIDE, SIDE)), size), look);

/**
 * @param {{strokes: import("./strokes.js").Stroke[]}} message
 * @param {import("../classifiers/serving.js").Networks} networks
 * @returns {Promise<Look>}
 */
async function look({ strokes }, networks) {
  /** @type {Look} */
  const found = { seen: [], probabilities: {}, tooMany: false };
  for (const recipe of networks.keys()) found.probabilities[recipe] = [];
  if (!strokes.length) return found;
  try {
    found.seen = digitsInARow(inkOf(strokes)).map(centred);
  } catch (error) {
    if (!(error instanceof NoInkError)) throw error;
    return { ...found, tooMany: error.got > 0 }; // what lies beside the paper is no ink
  }
  for (const [recipe, network] of networks) {
    for (const picture of found.seen) {
      found.probabilities[recipe].push(await network.predict(inputOf(picture, network.card.input)));
    }
  }
  return found;
}

/** A digit as a network takes it. @param {Float32Array} values 28 × 28, as `centred` gives it @param {Size} size */
function inputOf(values, { width, height }) {
  return framed({ width: SIDE, height: SIDE, values }, width, height);
}

/** @type {OffscreenCanvasRenderingContext2D | null} */
let paper = null;

/** @param {import("./strokes.js").Stroke[]} strokes @returns {import("../drawn.js").Ink} */
function inkOf(strokes) {
  const { width, height } = PAPER;
  paper ??= new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!paper) throw new Error("expected a canvas to draw on, got none from this browser");
  paper.fillStyle = "black";
  paper.fillRect(0, 0, width, height);
  paper.strokeStyle = "white";
  for (const stroke of strokes) paint(paper, stroke);
  return { width, height, values: redOf(paper.getImageData(0, 0, width, height).data) };
}

/** @param {Uint8ClampedArray} rgba @returns {Float32Array} 0 to 1 */
function redOf(rgba) {
  const values = new Float32Array(rgba.length / 4);
  for (let at = 0; at < values.length; at++) values[at] = rgba[at * 4] / 255; // a quarter of a million for each stroke
  return values;
}
