/** The published networks that read drawn digits: those of current.json's classifiers whose card says so. */
import { ReaderError } from "../errors.js";
import { checkPointer, fetchCard, fetchCurrent, fetchFiles } from "../version.js";

/**
 * @typedef {object} ClassifierCard what a classifier's card.json says, as far as the page needs it
 * @property {string} recipe
 * @property {string} name
 * @property {string} version
 * @property {number} parameters
 * @property {{width: number, height: number, channels: number, preparation: string}} input
 * @property {string[]} classes
 * @property {{test?: {accuracy?: {value: number, n: number}}}} metrics
 * @property {Record<string, {sha256: string, bytes: number}>} files
 * @typedef {{image: string, output: number[], picture: Blob}} GoldenDigit a picture of the version, 28 × 28, and its
 *   probabilities in Keras
 * @typedef {{id: string, card: ClassifierCard, artifacts: import("../version.js").Artifacts, golden: GoldenDigit[]}}
 *   ClassifierVersion
 * @typedef {{recipe: string, version: ClassifierVersion | null, error: unknown}} Fetched
 */

const DIGITS = "0123456789";
/** In this order, and then the others as current.json has them. */
const FIRST = ["drawn_convolutional", "drawn_dense"];

/** Whether a version is a classifier of drawn digits. @param {any} card */
export function readsDrawnDigits(card) {
  const { kind, input, classes } = Object(card);
  const isDrawn = kind === "classifier" && input?.preparation === "drawn" && input.channels === 1;
  return isDrawn && Array.isArray(classes) && classes.join("") === DIGITS;
}

/**
 * @param {string} root address of the folder that holds current.json
 * @returns {Promise<Fetched[]>} one for each network; what did not come right is named with what was wrong
 * @throws {ReaderError} `download` or `broken`, for current.json
 */
export async function fetchClassifiers(root) {
  const { classifiers } = Object(await fetchCurrent(root));
  const recipes = Object.keys(Object(classifiers));
  const ordered = [
    ...FIRST.filter((recipe) => recipes.includes(recipe)),
    ...recipes.filter((each) => !FIRST.includes(each)),
  ];
  const fetched = await Promise.all(ordered.map((recipe) => fetchOne(recipe, classifiers[recipe], root)));
  return fetched.filter((each) => each !== null);
}

/** @param {string} recipe @param {unknown} content of current.json @param {string} root @returns {Promise<Fetched | null>} null for another kind */
async function fetchOne(recipe, content, root) {
  try {
    const pointer = checkPointer(content, root);
    const card = await fetchCard(pointer);
    if (!readsDrawnDigits(card)) return null;
    return { recipe, version: await fetchFiles(pointer, card, () => {}), error: null };
  } catch (error) {
    if (!(error instanceof ReaderError)) throw error;
    return { recipe, version: null, error };
  }
}
