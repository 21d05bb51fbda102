/**
 * What the workers of classifiers share: a backend, networks that have shown to compute right, one look at a time.
 *
 * Messages in, each with an `id`: `{type: "prepare", backend}`, `{type: "start", version}` for each network,
 * `{type: "look", …}`. Messages out: `{id, result}` or `{id, error: {code, message}}`.
 */
import { ReaderError } from "../errors.js";
import { ImageError } from "../imaging.js";
import { startRuntime } from "../runtime.js";
import { Network } from "./network.js";

/** @typedef {Map<string, Network>} Networks by recipe */

/**
 * @param {import("./network.js").InputOf} inputOf
 * @param {(message: any, networks: Networks) => Promise<unknown>} look what is seen in what the message brings
 */
export function serve(inputOf, look) {
  /** @type {Networks} */
  const networks = new Map();
  const work = {
    prepare: (/** @type {any} */ { backend }) => startRuntime(backend),
    start: (/** @type {any} */ message) => start(message, networks, inputOf),
    look: (/** @type {any} */ message) => look(message, networks),
  };
  let queue = Promise.resolve();
  self.onmessage = ({ data }) => void (queue = queue.then(() => answer(data)));

  /** @param {any} message */
  async function answer(message) {
    const { id, type } = message;
    try {
      self.postMessage({ id, result: await work[/** @type {keyof typeof work} */ (type)](message) });
    } catch (error) {
      const code = error instanceof ReaderError || error instanceof ImageError ? error.code : "failed";
      self.postMessage({ id, error: { code, message: error instanceof Error ? error.message : String(error) } });
    }
  }
}

/**
 * @param {{version: import("./versions.js").ClassifierVersion}} message
 * @param {Networks} networks
 * @param {import("./network.js").InputOf} inputOf
 * @returns {Promise<boolean>} whether it can be trusted here
 */
async function start({ version }, networks, inputOf) {
  const network = await Network.load(version);
  const isRight = await network.isRight(version.golden, inputOf);
  if (isRight) networks.set(version.card.recipe, network);
  return isRight;
}
