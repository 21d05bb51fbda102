/** Reading with what this device has learned about a meter. */
import { getLesson } from "./lessons.js";

/** @typedef {import("./learner.js").Learned} Learned */

/** @param {string} meterId @returns {Promise<Learned | null>} null where nothing was learned, or nothing can be kept */
export async function learnedOf(meterId) {
  const lesson = await getLesson(meterId).catch(() => null);
  return lesson?.learned ?? null;
}

/**
 * What was learned of a meter counts where somebody chose the meter. Where it is only supposed, as the one used last,
 * another may be in the picture: then it counts for what is not sure without it.
 *
 * @template {{accepted: boolean}} Reading
 * @param {(learned: Learned | null) => Promise<Reading>} read
 * @param {Learned | null} learned
 * @param {boolean} supposed
 * @returns {Promise<Reading>}
 */
export async function readKnowing(read, learned, supposed) {
  const plain = !learned || supposed ? await read(null) : null;
  return plain && (!learned || plain.accepted) ? plain : read(learned);
}
