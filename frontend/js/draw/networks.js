/** The published networks that read drawn digits. */
import { readsDrawnDigits } from "../classifiers/kinds.js";
import { Classifiers, openClassifiers } from "../classifiers/networks.js";

/**
 * @typedef {import("./worker.js").Look} Look
 * @typedef {import("../classifiers/networks.js").Opened} Opened
 */

const FIRST = ["drawn_convolutional", "drawn_dense"];

/**
 * @param {string} root address of the folder that holds current.json
 * @param {(progress: import("../reader.js").Progress) => void} onProgress
 * @returns {Promise<Networks>} of those that are published, maybe none
 * @throws {import("../errors.js").ReaderError} `download`, `broken`, `backend` or `worker`, when none of them can be used
 */
export async function openNetworks(root, onProgress) {
  const newWorker = () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const kind = { isWanted: readsDrawnDigits, first: FIRST, newWorker, onProgress };
  return new Networks(...(await openClassifiers(root, kind)));
}

/** Made by `openNetworks`. */
export class Networks extends Classifiers {
  /** @param {import("./strokes.js").Stroke[]} strokes @returns {Promise<Look>} @throws {import("../errors.js").ReaderError} `closed`, `worker`, `failed` */
  async look(strokes) {
    if (!this.engine) return { seen: [], probabilities: {}, tooMany: false };
    return this.engine.ask({ type: "look", strokes });
  }
}
