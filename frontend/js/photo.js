/** Of a whole photo: is the display what fills it, and which of two readings counts. */

/**
 * A picture at least so many times as wide as high is a display cut out already. Phones take photos of up to 20 : 9, and
 * the displays of meters are from 3 : 1 on, with the margin that people leave.
 */
const STRIP = 2.4;

/** @param {{width: number, height: number}} picture */
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
export function surer(found, whole) {
  return found && found.confidence >= whole.confidence ? found : whole;
}
