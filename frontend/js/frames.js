/** Frames of the camera: how well the display is seen in one, what is wrong with it, and whether several agree. */
import { sides } from "./quad.js";

/**
 * @typedef {object} Quality of a display, cut out as a reader's input
 * @property {number} light its mean brightness, 0 to 1
 * @property {number} glare the part of it that is white beyond telling
 * @property {number} sharpness variance of its Laplacian over the variance of its brightness
 * @property {number} fingerprint of its pixels: another one for any other frame
 * @typedef {"dark" | "far" | "tilted" | "glare" | "blurred"} Trouble
 */

/** Of 160 readable displays one in a hundred is below `sharpness`; blurred by a tenth of their height, all are. */
const LEAST = { light: 0.15, sharpness: 0.03 };
const WHITE = 0.97;
const MOST_GLARE = 0.1; // of the display; of those displays, 1.5% have as much
const LEAST_WIDTH = 96; // pixels: half of what the reader takes
const STEEPEST = 1.4; // a side of the outline by the opposite one
const [RED, GREEN, BLUE] = [0.299, 0.587, 0.114]; // ITU-R BT.601
const FRAMES = 5;
const NEEDED = 3;

/**
 * @param {Float32Array} input RGB in 0 to 1, row by row
 * @param {number} width
 * @param {number} height
 * @returns {Quality}
 */
export function measure(input, width, height) {
  const grey = new Float32Array(width * height);
  let white = 0;
  let fingerprint = 0;
  for (let pixel = 0, at = 0; pixel < grey.length; pixel++, at += 3) {
    const [red, green, blue] = [input[at], input[at + 1], input[at + 2]];
    grey[pixel] = RED * red + GREEN * green + BLUE * blue;
    if (red > WHITE && green > WHITE && blue > WHITE) white++;
    fingerprint = (Math.imul(fingerprint, 31) + red * 255 + green * 65_280 + blue * 16_711_680) | 0;
  }
  const { mean, variance } = spread(grey);
  const sharpness = spread(laplacian(grey, width, height)).variance / Math.max(variance, 1e-4);
  return { light: mean, glare: white / grey.length, sharpness, fingerprint };
}

/**
 * What keeps a display from being read, the first thing to mend. Where none was found, the frame to aim is what was
 * measured: of 120 photos of meters, no frame is said to be blurred there, 118 of them are once they are by 8 of 1280 pixels,
 * and one has glare; of 120 pictures without a meter 36 are said to be blurred.
 *
 * @param {Quality} quality
 * @param {import("./quad.js").Corners | null} corners where it is in the frame, if it was found
 * @returns {Trouble | null}
 */
export function trouble({ light, glare, sharpness }, corners) {
  if (light < LEAST.light) return "dark";
  const [top = 0, right = 0, bottom = 0, left = 0] = corners ? sides(corners).map(([x, y]) => Math.hypot(x, y)) : [];
  if (corners && Math.max(top, bottom) < LEAST_WIDTH) return "far";
  if (corners && Math.max(top / bottom, bottom / top, left / right, right / left) > STEEPEST) return "tilted";
  if (glare > MOST_GLARE) return "glare";
  return sharpness < LEAST.sharpness ? "blurred" : null;
}

/** Of the last five different frames, three with one accepted reading are enough. */
export class Agreement {
  /** @type {{text: string | null, fingerprint: number}[]} */
  #frames = [];

  /**
   * @param {string | null} text the frame's reading, null when it was not accepted
   * @param {number} fingerprint a frame that was there already says nothing new
   * @returns {boolean} whether the frames agree on this text
   */
  add(text, fingerprint) {
    if (this.#frames.some((frame) => frame.fingerprint === fingerprint)) return false;
    this.#frames = [...this.#frames.slice(1 - FRAMES), { text, fingerprint }];
    return text !== null && this.#frames.filter((frame) => frame.text === text).length >= NEEDED;
  }
}

/** @param {Float32Array} values */
function spread(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

/** @param {Float32Array} grey @param {number} width @param {number} height @returns {Float32Array} of the inner pixels */
function laplacian(grey, width, height) {
  const inner = new Float32Array((width - 2) * (height - 2));
  for (let row = 1, out = 0; row < height - 1; row++) {
    for (let at = row * width + 1; at < (row + 1) * width - 1; at++) {
      inner[out++] = 4 * grey[at] - grey[at - 1] - grey[at + 1] - grey[at - width] - grey[at + width];
    }
  }
  return inner;
}
