/**
 * A whole photo: where the display is looked for and read, and which of its readings counts.
 *
 * Twin of backend/domain/photo.py; tests/browser/test_photo_policy.py holds both together.
 */
import { ImageError } from "./imaging.js";

/**
 * A picture at least so many times as wide as high is a display cut out already. Phones take photos of up to 20 : 9, and
 * the displays of meters are from 3 : 1 on, with the margin that people leave.
 */
const STRIP = 2.4;

/** A reading less sure than this is worth a closer look: surer ones, accepted or not, are hardly ever changed by it. */
const CLOSER = 0.6;

/**
 * @typedef {import("./imaging.js").Picture} Picture
 * @typedef {import("./outline.js").Outline} Outline
 * @typedef {import("./quad.js").Corners} Corners
 */

/**
 * Finds the display and reads it; where nothing is found, or what is found is read with much doubt, the finder looks
 * closer, and the box or the whole picture is read too.
 *
 * @template {{text: string, confidence: number, accepted: boolean, reason: string | null}} Reading
 * @param {Picture} picture
 * @param {object} how
 * @param {import("./finder.js").Finder | null} how.finder
 * @param {Corners | null} how.before where the display was in the frame before
 * @param {import("./reader.js").Box | null} how.box
 * @param {boolean} how.again whether a doubtful display is worth more looks
 * @param {object} means
 * @param {(look: () => Promise<Outline | null>) => Promise<Outline | null>} means.find runs what the finder does
 * @param {() => Promise<Reading>} means.inBox reads the box, or without one all of the picture
 * @param {(corners: Corners) => Promise<Reading>} means.inOutline
 * @returns {Promise<Reading & {corners: Corners | null, presence: number | null}>}
 */
export async function readDisplay(picture, { finder, before, box, again }, { find, inBox, inOutline }) {
  const looking = box || !isStrip(picture) ? finder : null;
  const outline = looking && (await find(() => looking.see(picture, before)));
  let found = outline && (await tried(outline, inOutline));
  if (looking && outline && found && again && found.confidence < CLOSER) {
    const closer = await find(() => looking.lookCloser(picture, outline));
    const nearer = closer && (await tried(closer, inOutline));
    if (nearer) found = surer(found, confirmed(nearer, found));
  }
  if (found && found.confidence >= CLOSER) return found;
  return surer(found, { ...(await inBox()), corners: null, presence: outline?.presence ?? null });
}

/**
 * What is read in an outline; null for one that cannot be straightened.
 *
 * @template Reading
 * @param {Outline} outline
 * @param {(corners: Corners) => Promise<Reading>} inOutline
 * @returns {Promise<(Reading & Outline) | null>}
 */
async function tried(outline, inOutline) {
  try {
    return { ...(await inOutline(outline.corners)), ...outline };
  } catch (error) {
    if (error instanceof ImageError && error.code === "bad_box") return null;
    throw error;
  }
}

/**
 * An outline that cuts digits off is read surely, too: what a closer look reads is accepted only where it says the same.
 *
 * @template {{text: string, accepted: boolean, reason: string | null}} Reading
 * @param {Reading} nearer
 * @param {{text: string}} found
 * @returns {Reading}
 */
function confirmed(nearer, found) {
  return nearer.accepted && nearer.text !== found.text ? { ...nearer, accepted: false, reason: "doubtful" } : nearer;
}

/** Whether a picture is a display cut out already. @param {{width: number, height: number}} picture */
export function isStrip({ width, height }) {
  return width >= STRIP * height;
}

/**
 * @template {{confidence: number}} Found
 * @template {{confidence: number}} Whole
 * @param {Found | null} found the reading of the outline, which wins a tie
 * @param {Whole} whole the reading of the whole picture
 * @returns {Found | Whole}
 */
function surer(found, whole) {
  return found && found.confidence >= whole.confidence ? found : whole;
}
