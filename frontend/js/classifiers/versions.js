/** The published classifiers: those that current.json names beside the reader, as far as their cards are of a kind. */
import { ReaderError } from "../errors.js";
import { checkPointer, fetchCard, fetchCurrent, fetchFiles } from "../version.js";

/**
 * @typedef {object} ClassifierCard what a classifier's card.json says, as far as the pages need it
 * @property {string} recipe
 * @property {string} name
 * @property {string} version
 * @property {number} parameters
 * @property {{width: number, height: number, channels: number, preparation: string}} input
 * @property {string[]} classes
 * @property {{test?: {accuracy?: {value: number, n: number}}}} metrics
 * @property {Record<string, {sha256: string, bytes: number}>} files
 * @typedef {{image: string, output: number[], picture: Blob}} GoldenPicture a picture of the version, and its
 *   probabilities in Keras
 * @typedef {{id: string, card: ClassifierCard, artifacts: import("../version.js").Artifacts, golden: GoldenPicture[]}}
 *   ClassifierVersion
 * @typedef {{recipe: string, card: any, version: ClassifierVersion | null, error: unknown}} Fetched `card`: null where it
 *   did not come right itself
 * @typedef {{recipe: string, pointer: import("../version.js").Pointer | null, card: any, error: unknown}} Named
 */

/**
 * @param {string} root address of the folder that holds current.json
 * @param {(card: any) => boolean} isWanted of the others nothing but the card is fetched
 * @param {(loaded: number, total: number) => void} [onBytes] called after each file, with those of all networks
 * @returns {Promise<Fetched[]>} one for each network; what did not come right is named with what was wrong
 * @throws {ReaderError} `download` or `broken`, for current.json
 */
export async function fetchClassifiers(root, isWanted, onBytes = () => {}) {
  const { classifiers } = Object(await fetchCurrent(root));
  const all = Object.entries(Object(classifiers));
  const named = await Promise.all(all.map(([recipe, content]) => name(recipe, content, root)));
  const wanted = named.filter(({ card, error }) => error || isWanted(card));
  const counts = wanted.map(() => ({ loaded: 0, total: 0 }));
  const follow = (/** @type {number} */ place) => (/** @type {number} */ loaded, /** @type {number} */ total) => {
    counts[place] = { loaded, total };
    onBytes(sum(counts.map((count) => count.loaded)), sum(counts.map((count) => count.total)));
  };
  return Promise.all(wanted.map((each, place) => fetchNamed(each, follow(place))));
}

/** @param {string} recipe @param {unknown} content of current.json @param {string} root @returns {Promise<Named>} */
async function name(recipe, content, root) {
  try {
    const pointer = checkPointer(content, root);
    return { recipe, pointer, card: await fetchCard(pointer), error: null };
  } catch (error) {
    return { recipe, pointer: null, card: null, error: expected(error) };
  }
}

/** @param {Named} named @param {(loaded: number, total: number) => void} onBytes @returns {Promise<Fetched>} */
async function fetchNamed({ recipe, pointer, card, error }, onBytes) {
  if (!pointer) return { recipe, card, version: null, error };
  try {
    return { recipe, card, version: await fetchFiles(pointer, card, onBytes), error: null };
  } catch (error) {
    return { recipe, card, version: null, error: expected(error) };
  }
}

/** @param {unknown} error @returns {ReaderError} @throws whatever else it is */
function expected(error) {
  if (error instanceof ReaderError) return error;
  throw error;
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, each) => total + each, 0);
}
