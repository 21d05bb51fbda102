/** The finder in the worker: its network's outputs, and where it sees the display in a picture. */
import { ReaderError } from "./errors.js";
import { CELLS, find, lookAgain, lookCloser, SIDE } from "./outline.js";

/**
 * @typedef {import("./quad.js").Corners} Corners
 * @typedef {import("./outline.js").Outline} Outline
 * @typedef {{width: number, height: number, channels: number}} Size of a network's input
 */

/** From here on a display counts as found, where the finder's card does not say. */
const PRESENCE = 0.5;
const MAPS = CELLS * CELLS * 4;
const INPUT = { width: SIDE, height: SIDE, channels: 3 };

export class Finder {
  /**
   * @param {import("./version.js").FinderCard} card
   * @param {(input: Float32Array, size: Size) => Promise<Float32Array[]>} run the network: each output's numbers
   */
  constructor({ presence = PRESENCE }, run) {
    this.presence = presence;
    this.run = run;
  }

  /**
   * The network's two outputs, which differ in size.
   *
   * @type {import("./outline.js").Predict}
   */
  predict = async (input) => {
    const outputs = await this.run(input, INPUT);
    const maps = outputs.find(({ length }) => length === MAPS);
    const presence = outputs.find(({ length }) => length === 1);
    if (maps && presence) return { maps, presence: presence[0] };
    const sizes = outputs.map(({ length }) => length).join(", ");
    throw new ReaderError("broken", `The finder should give ${MAPS} numbers and one, and gives ${sizes}.`);
  };

  /**
   * @param {import("./imaging.js").Picture} picture
   * @param {Corners | null} before where the display was in the frame before: looked at first
   * @returns {Promise<Outline | null>} null where there is none
   */
  async see(picture, before) {
    const again = before && (await lookAgain(picture, { corners: before, presence: 0 }, this.predict));
    if (again && again.presence >= this.presence) return again;
    const found = await find(picture, this.predict);
    return found.presence >= this.presence ? found : null;
  }

  /** @param {import("./imaging.js").Picture} picture @param {Outline} outline in which a display was read with doubt */
  lookCloser(picture, outline) {
    return lookCloser(picture, outline, this.predict);
  }
}
