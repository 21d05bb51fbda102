/**
 * Pillow's antialiased bilinear resize of a box, to the bit: `image.resize(size, BILINEAR, box=…)` for 8-bit pixels.
 *
 * A triangle filter, stretched by the reduction, weighs the source pixels around each output pixel; weights are fixed
 * point numbers of 22 bits; the horizontal pass rounds to 8 bits before the vertical one. Edges are float32, as in
 * Pillow, and the filter reaches over the box's edge into the picture.
 */

const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);
const FEW = 4;
const BAND_PIXELS = 1 << 22; // read at once, so that a 48-megapixel photo needs 16 MB at a time, not 200

/**
 * @typedef {object} Kernel for each output position, where its source pixels start, how many they are, and their weights
 * @property {Int32Array} first
 * @property {Int32Array} taps
 * @property {Int32Array} weights those of the output position n start at n × `most`
 * @property {number} most
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
  const most = 2 * Math.ceil(reach) + 1;
  const [first, taps, weights] = [count, count, count * most].map((length) => new Int32Array(length));
  for (let index = 0; index < count; index++) {
    const centre = start + (index + 0.5) * scale;
    const from = Math.max(0, Math.trunc(centre - reach + 0.5));
    const to = Math.min(size, Math.trunc(centre + reach + 0.5));
    first[index] = from;
    taps[index] = to - from;
    triangle(from, centre, 1 / reach, weights.subarray(index * most, index * most + to - from));
  }
  return { first, taps, weights, most };
}

/**
 * @param {number} from
 * @param {number} centre
 * @param {number} slope
 * @param {Int32Array} weights of the pixels `from` and following, to be filled: fixed point, together 1
 */
function triangle(from, centre, slope, weights) {
  const raw = new Float64Array(weights.length);
  let total = 0;
  for (let index = 0; index < raw.length; index++) {
    raw[index] = Math.max(0, 1 - Math.abs((index + from - centre + 0.5) * slope));
    total += raw[index];
  }
  for (let index = 0; index < raw.length; index++) {
    weights[index] = Math.trunc((raw[index] / (total || 1)) * (1 << PRECISION_BITS) + 0.5);
  }
}

/**
 * @param {Kernel} kernel
 * @returns {[number, number]} the first source position it uses, and how many
 */
function span({ first, taps }) {
  const last = first.length - 1;
  return [first[0], first[last] + taps[last] - first[0]];
}

/**
 * @param {Uint8ClampedArray} source RGBA
 * @param {number} columns of the source
 * @param {number} offset where the source starts in the picture
 * @param {Kernel} kernel
 * @param {Uint8Array} target RGB
 */
function squeezeRows(source, columns, offset, { first, taps, weights, most }, target) {
  let out = 0;
  for (let row = 0; row < source.length; row += columns * 4) {
    for (let column = 0; column < first.length; column++) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let at = row + (first[column] - offset) * 4;
      const end = column * most + taps[column];
      for (let index = column * most; index < end; index++, at += 4) {
        const weight = weights[index];
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
function squeezeColumns(source, stride, offset, { first, taps, weights, most }) {
  const target = new Uint8Array(first.length * stride);
  for (let row = 0; row < first.length; row++) {
    const own = weights.subarray(row * most, row * most + taps[row]);
    const blend = own.length <= FEW ? blendFew : blendMany;
    blend(source, (first[row] - offset) * stride, stride, own, target, row * stride);
  }
  return target;
}

/**
 * One row of the result out of the source's rows from `at` on, as many as there are weights.
 *
 * @param {Uint8Array} source
 * @param {number} at
 * @param {number} stride
 * @param {Int32Array} weights
 * @param {Uint8Array} target
 * @param {number} out
 */
function blendMany(source, at, stride, weights, target, out) {
  for (const end = at + stride; at < end; at++) {
    let sum = HALF;
    for (let index = 0, from = at; index < weights.length; index++, from += stride) {
      sum = (sum + Math.imul(source[from], weights[index])) | 0;
    }
    target[out++] = sum >> PRECISION_BITS;
  }
}

/**
 * The same for at most `FEW` weights, as a display cut out closely has them: twice as fast without the inner loop.
 *
 * @type {typeof blendMany}
 */
function blendFew(source, at, stride, weights, target, out) {
  const [a, b = 0, c = 0, d = 0] = weights;
  const [below, third, fourth] = [1, 2, 3].map((row) => (row < weights.length ? row * stride : 0));
  for (const end = at + stride; at < end; at++) {
    let sum = (HALF + Math.imul(source[at], a) + Math.imul(source[at + below], b)) | 0;
    sum = (sum + Math.imul(source[at + third], c) + Math.imul(source[at + fourth], d)) | 0;
    target[out++] = sum >> PRECISION_BITS;
  }
}
