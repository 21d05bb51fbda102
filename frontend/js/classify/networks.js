/** The published networks that tell what is in a picture. */
import { tellsPictures } from "../classifiers/kinds.js";
import { Classifiers, openClassifiers } from "../classifiers/networks.js";

/**
 * @typedef {import("./worker.js").Look} Look
 * @typedef {import("../classifiers/networks.js").Opened} Opened
 */

const FIRST = ["meter_or_not", "clocks_or_crocs"];

/**
 * @param {string} root address of the folder that holds current.json
 * @param {(progress: import("../reader.js").Progress) => void} onProgress
 * @returns {Promise<Networks>} of those that are published, maybe none
 * @throws {import("../errors.js").ReaderError} `download`, `broken`, `backend` or `worker`, when none of them can be used
 */
export async function openNetworks(root, onProgress) {
  const newWorker = () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const kind = { isWanted: tellsPictures, first: FIRST, newWorker, onProgress };
  return new Networks(...(await openClassifiers(root, kind)));
}

/** Made by `openNetworks`. */
export class Networks extends Classifiers {
  /**
   * @param {Blob} file
   * @returns {Promise<Look>}
   * @throws {import("../errors.js").ReaderError} `not_image`, `damaged`, `too_large`, `too_small`; `closed`, `worker`
   */
  async look(file) {
    if (!this.engine) throw new Error("expected a network to be published, got none");
    return this.engine.ask({ type: "look", file });
  }
}
