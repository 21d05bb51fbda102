/**
 * The worker of drawn digits: strokes → ink → the digits in a row → each centred → all networks.
 *
 * Messages in, each with an `id`: `{type: "prepare", backend}`, `{type: "start", version}` for each network,
 * `{type: "look", strokes}`. Messages out: `{id, result}` or `{id, error: {code, message}}`.
 */
import { centred, digitsInARow, NoInkError } from "../drawn.js";
import { ReaderError } from "../errors.js";
import { startBackend } from "../../vendor/tf.js";
import { Network } from "./network.js";
import { paint, PAPER } from "./strokes.js";

/**
 * @typedef {object} Look
 * @property {Float32Array[]} seen what the networks see of each digit, from left to right: 28 × 28; none when too many
 * @property {Record<string, Float32Array[]>} probabilities by recipe: 10 for each digit
 * @property {boolean} tooMany whether more digits are drawn than a reading has
 */

/** @type {Map<string, Network>} by recipe */
const networks = new Map();
let queue = Promise.resolve();

self.onmessage = ({ data }) => void (queue = queue.then(() => answer(data)));

/** @param {any} message */
async function answer(message) {
  const { id, type } = message;
  try {
    self.postMessage({ id, result: await WORK[/** @type {keyof typeof WORK} */ (type)](message) });
  } catch (error) {
    const code = error instanceof ReaderError ? error.code : "failed";
    self.postMessage({ id, error: { code, message: error instanceof Error ? error.message : String(error) } });
  }
}

const WORK = { prepare, start, look };

/** @param {{backend: import("../reader.js").BackendName}} message @returns {Promise<boolean>} whether this device has it */
async function prepare({ backend }) {
  try {
    return await startBackend(backend);
  } catch (cause) {
    throw new ReaderError("download", `The ${backend} runtime could not be loaded.`, { cause });
  }
}

/** @param {{version: import("./versions.js").ClassifierVersion}} message @returns {Promise<boolean>} whether it can be trusted here */
async function start({ version }) {
  const network = await Network.load(version);
  const isRight = await network.isRight(version.golden);
  if (isRight) networks.set(version.card.recipe, network);
  return isRight;
}

/** @param {{strokes: import("./strokes.js").Stroke[]}} message @returns {Promise<Look>} */
async function look({ strokes }) {
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
    for (const picture of found.seen) found.probabilities[recipe].push(await network.predict(picture));
  }
  return found;
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
  const { data } = paper.getImageData(0, 0, width, height);
  const values = new Float32Array(width * height);
  for (let at = 0; at < values.length; at++) values[at] = data[at * 4] / 255;
  return { width, height, values };
}
