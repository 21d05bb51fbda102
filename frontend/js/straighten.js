/**
 * An outline in a photo, rectified: four corners → the upright picture that a network takes.
 *
 * What the outline holds is first shrunk by Pillow's antialiased filter while it has more than twice the result's pixels
 * both ways, then sampled bilinearly with at least one sample a pixel through the outline's perspective, then resized by
 * the same filter. Beyond the picture its edge goes on.
 *
 * Twin of `straighten` in backend/domain/outline.py; tests/browser/test_twins_outline.py holds both together.
 */
import { ImageError, normalise } from "./imaging.js";
import { extent, isUsable } from "./quad.js";
import { resample } from "./resample.js";

/** @typedef {import("./quad.js").Corners} Corners */
/** @typedef {import("./imaging.js").Picture} Picture */

const FLATTEST = 0.05; // the least that is left of the perspective's divisor at a corner: beyond is the horizon
const LONGEST = 8; // times the result's side, at most, is the rectified picture before its last resize

/**
 * The outline with its margins, which are parts of its height as in `widen` of imaging.js.
 *
 * @param {Picture} picture
 * @param {Corners} corners
 * @param {number} width of the result
 * @param {number} height of the result
 * @param {number} [margin]
 * @param {number} [sideMargin]
 * @returns {Uint8Array} RGB, row by row
 * @throws {ImageError} for four corners that are no outline, or lie outside of the picture
 */
export function straighten(picture, corners, width, height, margin = 0, sideMargin = margin) {
  const quad = widened(corners, margin, sideMargin);
  const [across, down] = extent(quad);
  const shrink = Math.max(1, Math.min(across / (2 * width), down / (2 * height)));
  const columns = Math.min(Math.max(width, nearest(across / shrink)), LONGEST * width);
  const rows = Math.min(Math.max(height, nearest(down / shrink)), LONGEST * height);
  const rectified = sampled(shrunk(picture, quad, shrink), perspective(quad), columns, rows);
  return resample(rectified, [0, 0, columns, rows], width, height);
}

/**
 * A reader's input for an outline: width × height × 3 numbers in 0 to 1, row by row.
 *
 * @param {Picture} picture
 * @param {Corners} corners
 * @param {import("./imaging.js").InputSpec} spec
 * @returns {Float32Array}
 */
export function preprocessOutline(picture, corners, spec) {
  return normalise(straighten(picture, corners, spec.width, spec.height, spec.margin, spec.side_margin));
}

/** @param {number} number */
function nearest(number) {
  return Math.floor(number + 0.5);
}

/**
 * a … h of x = (au + bv + c) / (gu + hv + 1), y = (du + ev + f) / (gu + hv + 1): the unit square onto the outline.
 *
 * In closed form: Heckbert, "Fundamentals of Texture Mapping and Image Warping", 1989, chapter 2.2.3.
 *
 * @param {Corners} quad
 */
function perspective([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]) {
  const [rightX, rightY, leftX, leftY] = [x1 - x2, y1 - y2, x3 - x2, y3 - y2];
  const [sumX, sumY] = [x0 - x1 + x2 - x3, y0 - y1 + y2 - y3];
  const area = rightX * leftY - leftX * rightY;
  const g = (sumX * leftY - leftX * sumY) / area;
  const h = (rightX * sumY - sumX * rightY) / area;
  return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h];
}

/**
 * The outline's corners moved out by the margins, along its perspective.
 *
 * @param {Corners} corners @param {number} margin @param {number} sideMargin
 * @returns {Corners}
 */
function widened(corners, margin, sideMargin) {
  if (!isUsable(corners)) {
    throw new ImageError("bad_box", "expected four corners of a convex outline, clockwise from the text's top left");
  }
  const [width, height] = extent(corners);
  const along = (sideMargin * height) / width;
  const [a, b, c, d, e, f, g, h] = perspective(corners);
  const places = [
    [-along, -margin],
    [1 + along, -margin],
    [1 + along, 1 + margin],
    [-along, 1 + margin],
  ];
  const quad = places.map(([u, v]) => {
    const divisor = g * u + h * v + 1;
    if (divisor < FLATTEST) {
      throw new ImageError("bad_box", "expected an outline seen from the front, got one seen along its surface");
    }
    return [(a * u + b * v + c) / divisor, (d * u + e * v + f) / divisor];
  });
  return /** @type {Corners} */ (quad);
}

/**
 * @typedef {object} Part of a picture, shrunk
 * @property {Uint8Array} pixels RGB, row by row
 * @property {number} width
 * @property {number} height
 * @property {[number, number, number, number]} edges left, top, right and bottom in the picture
 */

/**
 * The part of the picture around the outline, with so many times fewer pixels.
 *
 * @param {Picture} picture @param {Corners} quad @param {number} shrink
 * @returns {Part}
 */
function shrunk(picture, quad, shrink) {
  const [xs, ys] = [0, 1].map((axis) => quad.map((corner) => corner[axis]));
  const left = Math.max(0, Math.floor(Math.min(...xs)) - 1);
  const top = Math.max(0, Math.floor(Math.min(...ys)) - 1);
  const right = Math.min(picture.width, Math.ceil(Math.max(...xs)) + 1);
  const bottom = Math.min(picture.height, Math.ceil(Math.max(...ys)) + 1);
  if (left >= right || top >= bottom) {
    const whole = `${picture.width} × ${picture.height}`;
    throw new ImageError("bad_box", `expected a box inside the picture of ${whole} pixels, got one outside`);
  }
  const [columns, rows] = [right - left, bottom - top];
  const [width, height] = [columns, rows].map((side) => Math.max(1, nearest(side / shrink)));
  const part = {
    width: columns,
    height: rows,
    /** @type {import("./pixels.js").Pixels} */
    pixels: (x, y, ...size) => picture.pixels(left + x, top + y, ...size),
  };
  const pixels = resample(part, [0, 0, columns, rows], width, height);
  return { pixels, width, height, edges: [left, top, right, bottom] };
}

/**
 * The pixels between pixels where the perspective puts them, rounded half up.
 *
 * @param {Part} part @param {number[]} perspective @param {number} columns @param {number} rows
 * @returns {Pick<Picture, "width" | "height" | "pixels">}
 */
function sampled(part, [a, b, c, d, e, f, g, h], columns, rows) {
  const [left, top, right, bottom] = part.edges;
  const [across, down] = [part.width / (right - left), part.height / (bottom - top)];
  const rgba = new Uint8ClampedArray(columns * rows * 4);
  for (let row = 0, out = 0; row < rows; row++) {
    const v = (row + 0.5) / rows;
    for (let column = 0; column < columns; column++, out += 4) {
      const u = (column + 0.5) / columns;
      const divisor = g * u + h * v + 1;
      const x = ((a * u + b * v + c) / divisor - left) * across - 0.5;
      const y = ((d * u + e * v + f) / divisor - top) * down - 0.5;
      blend(part, x, y, rgba, out);
    }
  }
  return { width: columns, height: rows, pixels: (x, y, width, height) => slice(rgba, columns, x, y, width, height) };
}

/**
 * @param {Part} part
 * @param {number} x from the middle of its first pixel
 * @param {number} y
 * @param {Uint8ClampedArray} rgba @param {number} out where the four neighbours' blend goes
 */
function blend({ pixels, width, height }, x, y, rgba, out) {
  x = x < 0 ? 0 : x > width - 1 ? width - 1 : x;
  y = y < 0 ? 0 : y > height - 1 ? height - 1 : y;
  const left = Math.trunc(x);
  const top = Math.trunc(y);
  const across = x - left;
  const down = y - top;
  let upper = (top * width + left) * 3;
  let lower = top + 1 < height ? upper + width * 3 : upper;
  const beside = left + 1 < width ? 3 : 0;
  for (let channel = 0; channel < 3; channel++, upper++, lower++) {
    const above = pixels[upper] * (1 - across) + pixels[upper + beside] * across;
    const below = pixels[lower] * (1 - across) + pixels[lower + beside] * across;
    rgba[out + channel] = Math.trunc(above * (1 - down) + below * down + 0.5);
  }
  rgba[out + 3] = 255;
}

/**
 * @param {Uint8ClampedArray} rgba @param {number} columns
 * @param {number} x @param {number} y @param {number} width @param {number} height
 */
function slice(rgba, columns, x, y, width, height) {
  if (x === 0 && width === columns) return rgba.subarray(y * width * 4, (y + height) * width * 4);
  const part = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    const start = ((y + row) * columns + x) * 4;
    part.set(rgba.subarray(start, start + width * 4), row * width * 4);
  }
  return part;
}
