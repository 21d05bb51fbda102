/** Learning in the reader's worker: pictures of one meter → features of their columns → a tuned head. */
import { ReaderError } from "../errors.js";
import { decode as decodePicture, preprocess } from "../imaging.js";
import { middle } from "../quad.js";
import { encode } from "../reading.js";
import { preprocessOutline } from "../straighten.js";
import { openHead } from "./graph.js";
import { isBetter, study } from "./study.js";
import { boxesAround, outlinesAround } from "./views.js";

/**
 * @typedef {import("../imaging.js").Picture} Picture
 * @typedef {import("../reader.js").Box} Box
 * @typedef {import("./tune.js").View} View
 * @typedef {{picture: Blob, box: Box | null, text: string}} Example a picture of the meter and what it shows
 * @typedef {object} Learned what changes how a meter is read
 * @property {Float32Array} parameters of the head
 * @property {number} temperature beside the card's
 * @property {string} model SHA-256 of the card of the version that it belongs to
 * @typedef {Omit<import("./study.js").Study, "parameters" | "temperature"> & {better: boolean, milliseconds: number}} Worth
 * @typedef {object} Means what the worker lends
 * @property {import("../../vendor/tf.js").GraphModel} model
 * @property {object} topology of its artifacts
 * @property {import("../imaging.js").InputSpec} input of the model
 * @property {(input: Float32Array, node: string) => Promise<Float32Array>} run the model as far as a node
 * @property {(input: Float32Array) => Promise<Float32Array>} predict the whole model, 110 row probabilities
 * @property {() => import("../finder.js").Finder | null} finder
 */

const LEAST = 3; // pictures, as many as there are trials
const CLOSE = 1e-3; // how far what the head computes here may be from what the model says
const READ = 0.4; // of the work is done when the pictures have been read

/** @param {Means} means @returns {Promise<Learner>} @throws {ReaderError} "unlearnable" */
export async function openLearner(means) {
  const opened = await openHead(means.model, means.topology);
  if (opened) return new Learner(means, opened);
  throw unlearnable("a model whose last layers are known, got one that is built otherwise");
}

/** @param {string} expected what, and what came instead */
function unlearnable(expected) {
  return new ReaderError("unlearnable", `Expected ${expected}.`);
}

export class Learner {
  /** @param {Means} means @param {import("./graph.js").Opened} opened */
  constructor(means, opened) {
    this.means = means;
    this.opened = opened;
  }

  /**
   * @param {Float32Array} input of the network
   * @param {Learned} learned
   * @returns {Promise<Float32Array>} 110 row probabilities
   */
  async read(input, { parameters }) {
    const { head, wide } = this.opened;
    return head.forward(parameters, await this.means.run(input, wide)).output;
  }

  /**
   * @param {Example[]} examples
   * @param {{picture: Blob, box: Box | null}[]} golden the model's own pictures
   * @param {(done: number) => void} say called with the part that is done, 0 to 1
   * @returns {Promise<{parameters: Float32Array, temperature: number, worth: Worth}>}
   * @throws {ReaderError} "unlearnable"
   */
  async learn(examples, golden, say) {
    const began = performance.now();
    if (examples.length < LEAST) throw unlearnable(`at least ${LEAST} pictures, got ${examples.length}`);
    for (const each of golden) await this.#agree(each);
    const { head, shipped } = this.opened;
    const views = [];
    for (const [at, example] of examples.entries()) {
      views.push(await this.#viewsOf(example, encode(example.text)));
      say((READ * (at + 1)) / examples.length);
    }
    const replay = [];
    for (const each of golden) replay.push(await this.#viewsOf(each, null));
    const { parameters, temperature, ...worth } = study(head, shipped, views, replay, (done) =>
      say(READ + (1 - READ) * done),
    );
    const milliseconds = performance.now() - began;
    return { parameters, temperature, worth: { ...worth, better: isBetter(worth), milliseconds } };
  }

  /** The head that is tuned must say what the model itself says. @param {{picture: Blob, box: Box | null}} golden */
  async #agree({ picture: blob, box }) {
    const { head, shipped, wide } = this.opened;
    const picture = await decodePicture(blob);
    try {
      const input = preprocess(picture, box, this.means.input);
      const own = head.forward(shipped, await this.means.run(input, wide)).output;
      const whole = await this.means.predict(input);
      if (whole.every((number, at) => Math.abs(number - own[at]) <= CLOSE)) return;
    } finally {
      picture.close();
    }
    throw unlearnable("last layers that say what the model says, got others");
  }

  /**
   * @param {{picture: Blob, box: Box | null}} example
   * @param {Float32Array | null} known 11 × 10; null: what the shipped head says of each view
   * @returns {Promise<View[]>} the picture as it is first
   */
  async #viewsOf({ picture: blob, box }, known) {
    const { head, shipped, wide: node } = this.opened;
    const picture = await decodePicture(blob);
    try {
      const views = [];
      for (const input of await this.#inputsOf(picture, box)) {
        const wide = await this.means.run(input, node);
        views.push({ wide, target: known ?? head.forward(shipped, wide).output });
      }
      return views;
    } finally {
      picture.close();
    }
  }

  /** In the outline that the finder sees where the box is, else in the box. @param {Picture} picture @param {Box | null} box */
  async #inputsOf(picture, box) {
    const { input } = this.means;
    const outline = box && (await this.means.finder()?.see(picture, null));
    if (outline && holds(box, middle(outline.corners))) {
      return outlinesAround(outline.corners).map((corners) => preprocessOutline(picture, corners, input));
    }
    const [, ...aside] = boxesAround(box ?? { x: 0, y: 0, width: picture.width, height: picture.height });
    return [box, ...aside].map((each) => preprocess(picture, each, input));
  }
}

/** @param {Box} box @param {import("../quad.js").Point} point */
function holds({ x, y, width, height }, [across, down]) {
  return across > x && across < x + width && down > y && down < y + height;
}
