/** The worker of whole pictures: a file → upright pixels → all networks, and a small picture of it for the page. */
import { thumbnail } from "../batch/thumbnail.js";
import { serve } from "../classifiers/serving.js";
import { decode, openFile } from "../imaging.js";
import { wholePicture } from "./preparation.js";

/**
 * @typedef {object} Look
 * @property {Record<string, Float32Array>} probabilities by recipe: one for each class
 * @property {Blob | null} small what is seen, upright; null when the browser has nothing to draw on
 */

serve(wholePicture, look);

/**
 * @param {{file: Blob}} message
 * @param {import("../classifiers/serving.js").Networks} networks
 * @returns {Promise<Look>}
 */
async function look({ file }, networks) {
  const opened = await openFile(file); // once, for the networks and for the small picture
  try {
    const picture = await decode(opened);
    /** @type {Look["probabilities"]} */
    const probabilities = {};
    for (const [recipe, network] of networks) {
      probabilities[recipe] = await network.predict(wholePicture(picture, network.card.input));
    }
    return { probabilities, small: await thumbnail(opened, null).catch(() => null) }; // the answer is what counts
  } finally {
    opened.close();
  }
}
