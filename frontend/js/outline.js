/**
 * The outline of a display in a photo, as the finder sees it: heat maps → four corners, in two looks.
 *
 * The first look is at the whole photo, the second at a square around what it found, turned so that the text is level.
 * Where what is read there is in much doubt (`CLOSER` of photo.js), it looks again and at four more squares, and the mean of
 * all outlines is read, too.
 *
 * Twin of backend/domain/outline.py; tests/browser/test_twins_outline.py holds both together.
 */
import { crop, ImageError, normalise } from "./imaging.js";
import { each, isUsable, middle } from "./quad.js";
import { straighten } from "./straighten.js";

/**
 * @typedef {import("./imaging.js").Picture} Picture
 * @typedef {import("./quad.js").Point} Point
 * @typedef {import("./quad.js").Corners} Corners
 * @typedef {{corners: Corners, presence: number}} Outline where a display is in the upright picture, and how sure it is
 *   that there is a readable one, 0 to 1
 * @typedef {(input: Float32Array) => Promise<{maps: ArrayLike<number>, presence: number}>} Predict the finder:
 *   192 × 192 × 3 numbers in 0 to 1 → logits of the corners, 48 × 48 × 4, and the logit of the presence
 */

export const SIDE = 192; // of the finder's input, a square, in pixels
export const CELLS = 48; // of a heat map's side
const PRESENT = 0.5; // a second look less sure than this does not replace the first
const GREY = 0.5; // around a photo that is no square
const CORNERS = 4;
const CELL = SIDE / CELLS;
const REACH = 2; // of the window around a peak: 5 × 5
const WIDER = 1.6; // the second look's side, by the outline's longer one
const CLOSER = [
  [1.4, 0],
  [1.9, 0],
  [1.6, 4],
  [1.6, -4],
]; // the same of the looks after it, and the degrees they are turned

/**
 * Looks for the display in a picture.
 *
 * @param {Picture} picture
 * @param {Predict} predict
 * @returns {Promise<Outline>}
 */
export async function find(picture, predict) {
  const { input, square } = letterbox(picture);
  const first = await look(input, square, predict);
  return isUsable(first.corners) ? lookAgain(picture, first, predict) : { ...first, presence: 0 };
}

/**
 * Looks where a display was seen, in this picture or in the frame before it.
 *
 * @param {Picture} picture
 * @param {Outline} before stays what it is when nothing is seen there now
 * @param {Predict} predict
 * @returns {Promise<Outline>}
 */
export async function lookAgain(picture, before, predict) {
  const second = await lookAround(picture, secondLook(before.corners), predict);
  if (!second) return { ...before, presence: 0 };
  return second.presence >= PRESENT && isUsable(second.corners) ? second : before;
}

/**
 * The mean of what is seen in one more look and in squares around that: smaller, larger, turned both ways.
 *
 * @param {Picture} picture
 * @param {Outline} outline a usable one
 * @param {Predict} predict
 * @returns {Promise<Outline>}
 */
export async function lookCloser(picture, outline, predict) {
  const again = await lookAgain(picture, outline, predict);
  const seen = [again.corners];
  for (const [wider, degrees] of CLOSER) {
    const found = await lookAround(picture, secondLook(again.corners, wider, degrees), predict);
    if (found && found.presence >= PRESENT && isUsable(found.corners)) seen.push(found.corners);
  }
  const mean = (/** @type {number} */ corner, /** @type {number} */ axis) =>
    seen.reduce((sum, corners) => sum + corners[corner][axis], 0) / seen.length;
  const corners = /** @type {Corners} */ ([0, 1, 2, 3].map((corner) => [mean(corner, 0), mean(corner, 1)]));
  return isUsable(corners) ? { ...outline, corners } : outline;
}

/**
 * @param {Picture} picture
 * @param {Corners} square
 * @param {Predict} predict
 * @returns {Promise<Outline | null>} null where the square lies outside of the picture
 */
async function lookAround(picture, square, predict) {
  let input;
  try {
    input = normalise(straighten(picture, square, SIDE, SIDE));
  } catch (error) {
    if (error instanceof ImageError) return null;
    throw error;
  }
  return look(input, square, predict);
}

/**
 * The whole picture in the middle of a grey square.
 *
 * @param {Picture} picture
 * @returns {{input: Float32Array, square: Corners}} 192 × 192 × 3 numbers, and the square's corners in the picture
 */
export function letterbox(picture) {
  const longer = Math.max(picture.width, picture.height);
  const [width, height] = [picture.width, picture.height].map((side) =>
    Math.max(1, Math.floor((side * SIDE) / longer + 0.5)),
  );
  const [left, top] = [(SIDE - width) >> 1, (SIDE - height) >> 1];
  const pixels = normalise(crop(picture, null, width, height, 0));
  const input = new Float32Array(SIDE * SIDE * 3).fill(GREY);
  for (let row = 0; row < height; row++) {
    const line = pixels.subarray(row * width * 3, (row + 1) * width * 3);
    input.set(line, ((top + row) * SIDE + left) * 3);
  }
  const [across, down] = [picture.width / width, picture.height / height];
  /** @type {Corners} */
  const square = [
    [0, 0],
    [SIDE, 0],
    [SIDE, SIDE],
    [0, SIDE],
  ];
  return { input, square: each(square, ([x, y]) => [(x - left) * across, (y - top) * down]) };
}

/**
 * Of each map's softmax the expected position within 5 × 5 places around the peak: a local soft-argmax, after Nibali
 * et al., "Numerical Coordinate Regression with Convolutional Neural Networks", 2018. A place's position is the middle
 * of its 4 × 4 pixels. A map without one finite number points at the middle.
 *
 * @param {ArrayLike<number>} maps logits, 48 × 48 × 4
 * @returns {Corners} in pixels of the finder's input
 */
export function decodeCorners(maps) {
  const count = CELLS * CELLS * CORNERS;
  if (maps.length !== count) throw new Error(`expected maps of ${count} numbers, got ${maps.length}`);
  return /** @type {Corners} */ ([0, 1, 2, 3].map((corner) => position(maps, corner)));
}

/** @param {number} logit @returns {number} its probability; 0 for NaN */
export function sigmoid(logit) {
  return Number.isNaN(logit) ? 0 : 1 / (1 + Math.exp(-logit));
}

/**
 * The corners of a square around an outline: its side so many times the outline's longer one, its text level.
 *
 * @param {Corners} corners a usable outline
 * @param {number} [wider]
 * @param {number} [degrees] by which it is turned from there, clockwise on screen
 * @returns {Corners}
 */
export function secondLook(corners, wider = WIDER, degrees = 0) {
  const [topLeft, topRight, bottomRight, bottomLeft] = corners;
  const half = (/** @type {Point} */ from, /** @type {Point} */ to, /** @type {number} */ axis) =>
    (to[axis] - from[axis]) / 2;
  const along = [0, 1].map((axis) => half(topLeft, topRight, axis) + half(bottomLeft, bottomRight, axis));
  const down = [0, 1].map((axis) => half(topLeft, bottomLeft, axis) + half(topRight, bottomRight, axis));
  const [width, height] = [along, down].map(([x, y]) => Math.hypot(x, y));
  const reach = (wider * Math.max(width, height)) / 2;
  const [levelX, levelY] = along.map((part) => (part / width) * reach);
  const [cosine, sine] = [Math.cos, Math.sin].map((of) => of((degrees * Math.PI) / 180));
  const [x, y] = [cosine * levelX - sine * levelY, sine * levelX + cosine * levelY];
  const [centreX, centreY] = middle(corners);
  /** @type {Corners} */
  const offsets = [
    [y - x, -x - y],
    [x + y, y - x],
    [x - y, x + y],
    [-x - y, x - y],
  ];
  return each(offsets, ([dx, dy]) => [centreX + dx, centreY + dy]);
}

/**
 * Positions in pixels of the finder's input as positions in the picture that the square was cut out of.
 *
 * @param {Corners} points @param {Corners} square
 */
export function placed(points, [origin, across, , down]) {
  return each(points, ([x, y]) => {
    const at = (/** @type {0 | 1} */ axis) =>
      origin[axis] + (x / SIDE) * (across[axis] - origin[axis]) + (y / SIDE) * (down[axis] - origin[axis]);
    return [at(0), at(1)];
  });
}

/** @param {Float32Array} input @param {Corners} square @param {Predict} predict @returns {Promise<Outline>} */
async function look(input, square, predict) {
  const { maps, presence } = await predict(input);
  return { corners: placed(decodeCorners(maps), square), presence: sigmoid(presence) };
}

/** @param {ArrayLike<number>} maps @param {number} corner @returns {Point} of one map's peak, between its places */
function position(maps, corner) {
  const peak = peakOf(maps, corner);
  if (peak < 0) return [SIDE / 2, SIDE / 2];
  const [row, column] = [Math.floor(peak / CELLS), peak % CELLS];
  let [x, y, total] = [0, 0, 0];
  for (let down = Math.max(0, row - REACH); down <= Math.min(CELLS - 1, row + REACH); down++) {
    for (let across = Math.max(0, column - REACH); across <= Math.min(CELLS - 1, column + REACH); across++) {
      const logit = maps[(down * CELLS + across) * CORNERS + corner];
      const weight = Number.isFinite(logit) ? Math.exp(logit - maps[peak * CORNERS + corner]) : 0;
      x += weight * (across + 0.5);
      y += weight * (down + 0.5);
      total += weight;
    }
  }
  return [(x / total) * CELL, (y / total) * CELL];
}

/** @param {ArrayLike<number>} maps @param {number} corner @returns {number} the place of the largest finite logit, or -1 */
function peakOf(maps, corner) {
  let peak = -1;
  let most = -Infinity;
  for (let place = 0; place < CELLS * CELLS; place++) {
    const logit = maps[place * CORNERS + corner];
    if (Number.isFinite(logit) && logit > most) [most, peak] = [logit, place];
  }
  return peak;
}
