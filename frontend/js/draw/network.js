/** One network that reads drawn digits, in the worker. */
import { framed, SIDE } from "../drawn.js";
import { ReaderError } from "../errors.js";
import { largestDifference } from "../golden.js";
import { decode } from "../imaging.js";
import { io, loadGraphModel, tensor } from "../../vendor/tf.js";

/** Largest difference from Keras in any probability. */
const TOLERANCE = 1e-3;

/** @typedef {import("./versions.js").ClassifierVersion} ClassifierVersion */

export class Network {
  /** @param {ClassifierVersion["card"]} card @param {import("../../vendor/tf.js").GraphModel} model */
  constructor(card, model) {
    this.card = card;
    this.model = model;
  }

  /** @param {ClassifierVersion} version @returns {Promise<Network>} @throws {ReaderError} `broken` */
  static async load({ card, artifacts }) {
    try {
      return new Network(card, await loadGraphModel(io.fromMemory(artifacts)));
    } catch (cause) {
      throw new ReaderError("broken", `The graph of ${card.recipe} could not be loaded: ${cause}`, { cause });
    }
  }

  /**
   * @param {Float32Array} picture 28 × 28, as `centred` gives it
   * @returns {Promise<Float32Array>} 10 probabilities
   * @throws {ReaderError} `broken` when the network gives something else
   */
  async predict(picture) {
    const { recipe, input, classes } = this.card;
    const values = framed({ width: SIDE, height: SIDE, values: picture }, input.width, input.height);
    const given = tensor(values, [1, input.height, input.width, 1], "float32");
    const outputs = [this.model.execute(given)].flat();
    try {
      const probabilities = await outputs[0].data();
      if (probabilities.length === classes.length) return probabilities;
      const sizes = `${classes.length} numbers, and gives ${probabilities.length}`;
      throw new ReaderError("broken", `The network ${recipe} should give ${sizes}.`);
    } finally {
      for (const used of [given, ...outputs]) used.dispose();
    }
  }

  /**
   * Whether it gives here what Keras gave for the version's pictures.
   *
   * @param {ClassifierVersion["golden"]} golden
   * @returns {Promise<boolean>}
   */
  async isRight(golden) {
    for (const { picture, output } of golden) {
      const { pixels, close } = await decode(picture);
      const ink = Float32Array.from({ length: SIDE * SIDE }, redOf(pixels(0, 0, SIDE, SIDE)));
      close();
      if (!(largestDifference(await this.predict(ink), output) <= TOLERANCE)) return false;
    }
    return golden.length > 0;
  }
}

/** @param {Uint8ClampedArray} rgba */
function redOf(rgba) {
  return (/** @type {unknown} */ _, /** @type {number} */ at) => rgba[at * 4] / 255;
}
