/** One classifier, in a worker. */
import { ReaderError } from "../errors.js";
import { largestDifference } from "../golden.js";
import { decode } from "../imaging.js";
import { io, loadGraphModel, tensor } from "../../vendor/tf.js";

/** Largest difference from Keras in any probability. */
const TOLERANCE = 1e-3;

/**
 * @typedef {import("./versions.js").ClassifierVersion} ClassifierVersion
 * @typedef {import("./versions.js").ClassifierCard} ClassifierCard
 * @typedef {(picture: import("../imaging.js").Picture, size: ClassifierCard["input"]) => Float32Array} InputOf makes a
 *   network's input of one of its version's pictures
 */

export class Network {
  /** @param {ClassifierCard} card @param {import("../../vendor/tf.js").GraphModel} model */
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
   * @param {Float32Array} values height × width × channels, as the card says
   * @returns {Promise<Float32Array>} one probability for each class
   * @throws {ReaderError} `broken` when the network gives something else
   */
  async predict(values) {
    const { recipe, input, classes } = this.card;
    const given = tensor(values, [1, input.height, input.width, input.channels], "float32");
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
   * @param {InputOf} inputOf
   * @returns {Promise<boolean>}
   */
  async isRight(golden, inputOf) {
    for (const { picture, output } of golden) {
      const decoded = await decode(picture);
      const input = inputOf(decoded, this.card.input);
      decoded.close();
      if (!(largestDifference(await this.predict(input), output) <= TOLERANCE)) return false;
    }
    return golden.length > 0;
  }
}
