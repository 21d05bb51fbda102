/**
 * Pillow's antialiased bilinear resize of a box, to the bit: `image.resize(size, BILINEAR, box=…)` for 8-bit pixels.
 *
 * A triangle filter, stretched by the reduction, weighs the source pixels around each output pixel; weights are fixed
 * point numbers of 22 bits; the horizontal pass rounds to 8 bits before the vertical one. Edges are float32, as in
 * Pillow, and the filter reaches over the box's edge into the picture.
 */

const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);
const BAND_PIXELS = 1 << 22; // read at once, so that a 48-megapixel photo needs 16 MB at a time, not 200

/**
 * @typedef {{first: Int32Array, weights: Int32Array[]}} Kernel for each output position, where its source pixels start
 *   and their weights
 */

/**
 * @param {{width: number, height: number, pixels: (x: number, y: number, width: number, height: number) => Uint8ClampedArray}} picture
 *   `pixels` gives a part of it as RGBA
 * @param {[number, number, number, number]} edges left, top, right and bottom of the box, inside the picture
 * @param {number} width of the result
 * @param {number} height of the result
 * @returns {Uint8Array} RGB, row by row
 */
export function resample(picture, edges, width, height) {
  const [left, top, right, bottom] = edges.map(Math.fround);
  const across = kernel(picture.width, left, right, width);
  const down = kernel(picture.height, top, bottom, height);
  const [x, columns] = span(across);
  const [y, rows] = span(down);
  const narrow = new Uint8Array(rows * width * 3);
  const band = Math.max(1, Math.floor(BAND_PIXELS / columns));
  for (let row = 0; row < rows; row += band) {
    const count = Math.min(band, rows - row);
    const pixels = picture.pixels(x, y + row, columns, count);
    squeezeRows(pixels, columns, x, across, narrow.subarray(row * width * 3, (row + count) * width * 3));
  }
  return squeezeColumns(narrow, width * 3, y, down);
}

/**
 * @param {number} size of the source
 * @param {number} start of the box
 * @param {number} end of the box
 * @param {number} count of output pixels
 * @returns {Kernel}
 */
function kernel(size, start, end, count) {
  const scale = Math.fround(end - start) / count;
  const reach = Math.max(scale, 1);
  const first = new Int32Array(count);
  const weights = [];
  for (let index = 0; index < count; index++) {
    const centre = start + (index + 0.5) * scale;
    const from = Math.max(0, Math.trunc(centre - reach + 0.5));
    const to = Math.min(size, Math.trunc(centre + reach + 0.5));
    first[index] = from;
    weights.push(triangle(from, to, centre, 1 / reach));
  }
  return { first, weights };
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} centre
 * @param {number} slope
 * @returns {Int32Array} the weights of the pixels `from` up to `to`, fixed point, together 1
 */
function triangle(from, to, centre, slope) {
  const raw = Array.from({ length: to - from }, (_, index) => {
    return Math.max(0, 1 - Math.abs((index + from - centre + 0.5) * slope));
  });
  const total = raw.reduce((sum, each) => sum + each, 0);
  return Int32Array.from(raw, (each) => Math.trunc((total ? each / total : each) * (1 << PRECISION_BITS) + 0.5));
}

/**
 * @param {Kernel} kernel
 * @returns {[number, number]} the first source position it uses, and how many
 */
function span({ first, weights }) {
  const last = first.length - 1;
  return [first[0], first[last] + weights[last].length - first[0]];
}

/**
 * @param {Uint8ClampedArray} source RGBA
 * @param {number} columns of the source
 * @param {number} offset where the source starts in the picture
 * @param {Kernel} kernel
 * @param {Uint8Array} target RGB
 */
function squeezeRows(source, columns, offset, { first, weights }, target) {
  let out = 0;
  for (let row = 0; row < source.length; row += columns * 4) {
    for (let column = 0; column < weights.length; column++) {
      const kernel = weights[column];
      let [red, green, blue] = [HALF, HALF, HALF];
      let at = row + (first[column] - offset) * 4;
      for (let index = 0; index < kernel.length; index++, at += 4) {
        const weight = kernel[index];
        red = (red + Math.imul(source[at], weight)) | 0;
        green = (green + Math.imul(source[at + 1], weight)) | 0;
        blue = (blue + Math.imul(source[at + 2], weight)) | 0;
      }
      target[out++] = red >> PRECISION_BITS;
      target[out++] = green >> PRECISION_BITS;
      target[out++] = blue >> PRECISION_BITS;
    }
  }
}

/**
 * @param {Uint8Array} source
 * @param {number} stride bytes a row, of source and result
 * @param {number} offset where the source starts in the picture
 * @param {Kernel} kernel
 */
function squeezeColumns(source, stride, offset, { first, weights }) {
  const target = new Uint8Array(weights.length * stride);
  weights.forEach((kernel, row) => {
    const start = (first[row] - offset) * stride;
    for (let column = 0; column < stride; column++) {
      let sum = HALF;
      let at = start + column;
      for (let index = 0; index < kernel.length; index++, at += stride) {
        sum = (sum + Math.imul(source[at], kernel[index])) | 0;
      }
      target[row * stride + column] = sum >> PRECISION_BITS;
    }
  });
  return target;
}
