/**
 * The preprocessing contract: from a picture to the network's input.
 *
 * Decoded → upright by EXIF → 8-bit RGB (colour is kept, for red drums are the decimals; alpha on white, colour profiles
 * ignored) → the box, widened by a margin → resized to the input's size as Pillow does → 0 to 1. Only the box's pixels
 * are read and resized, so that a 12-megapixel photo costs its decoding and little more. Runs in workers too.
 *
 * Twin of backend/domain/imaging.py; tests/browser/test_twins.py holds both together.
 */
import { readHeader } from "./headers.js";
import { copier, painter } from "./pixels.js";
import { resample } from "./resample.js";

/**
 * @typedef {{x: number, y: number, width: number, height: number}} Box a rectangle in pixels of the upright picture,
 *   (0, 0) its top left corner; fractions are allowed
 * @typedef {{width: number, height: number, margin: number, side_margin?: number}} InputSpec a network's input size in
 *   pixels, and the margins around a box as parts of the box's height (`side_margin`: left and right, where it is another
 *   than above and below); a card's `input`
 * @typedef {object} Picture a decoded, upright picture
 * @property {number} width
 * @property {number} height
 * @property {(x: number, y: number, width: number, height: number) => Uint8ClampedArray} pixels a part of it as RGBA,
 *   row by row, opaque: what was transparent is on white
 * @property {() => void} close frees it
 * @typedef {"not_image" | "damaged" | "too_large" | "too_small" | "bad_box"} ImageErrorCode
 */

const MAX_PIXELS = 50_000_000;
const MIN_SIDE = 8;
const WHITE = 255;

/** Each value of a pixel as a part of white. */
const SCALED = Float32Array.from({ length: WHITE + 1 }, (_, value) => value / WHITE);

/** @type {ImageBitmapOptions} */
const AS_STORED = { imageOrientation: "from-image", colorSpaceConversion: "none", premultiplyAlpha: "none" };

/** A file that is no usable picture, or a box that is none in it: one sentence for a person, one word for a program. */
export class ImageError extends Error {
  /**
   * @param {ImageErrorCode} code
   * @param {string} message
   * @param {{cause?: unknown}} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = "ImageError";
    this.code = code;
  }
}

/**
 * Makes a picture of a file (JPEG, PNG, WebP, or what else this browser decodes) or of anything a canvas can draw.
 *
 * @param {Blob | ImageData | CanvasImageSource} source stays its owner's; `close` frees only what was made here
 * @returns {Promise<Picture>}
 * @throws {ImageError} for what is no picture, is cut short, has more than 50 megapixels or is under 8 × 8 pixels
 */
export async function decode(source) {
  const decoded = source instanceof Blob ? await openFile(source) : source;
  const [width, height] = sizeOf(decoded);
  const close = () => void (decoded !== source && decoded instanceof ImageBitmap && decoded.close());
  try {
    checkSize(width, height);
  } catch (error) {
    close();
    throw error;
  }
  const pixels = decoded instanceof ImageData ? copier(decoded) : painter(decoded);
  return { width, height, pixels, close };
}

/**
 * Moves each side of a box out by `margin` × its height, left and right by `sideMargin` × its height (the last drum is
 * soon cut), then clamps it to the picture.
 *
 * @param {Box} box
 * @param {number} margin
 * @param {{width: number, height: number}} size of the picture
 * @param {number} [sideMargin]
 * @returns {Box}
 * @throws {ImageError} when the box is no rectangle or lies outside of the picture
 */
export function widen(box, margin, size, sideMargin = margin) {
  const numbers = [box.x, box.y, box.width, box.height];
  if (!numbers.every(Number.isFinite) || box.width <= 0 || box.height <= 0) {
    throw new ImageError("bad_box", "expected a box with a position and a size above 0");
  }
  const across = sideMargin * box.height;
  const down = margin * box.height;
  const left = Math.max(0, box.x - across);
  const top = Math.max(0, box.y - down);
  const right = Math.min(size.width, box.x + box.width + across);
  const bottom = Math.min(size.height, box.y + box.height + down);
  if (left >= right || top >= bottom) {
    const whole = `${size.width} × ${size.height}`;
    throw new ImageError("bad_box", `expected a box inside the picture of ${whole} pixels, got one outside`);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/**
 * Cuts the box with its margins (or takes all) out of a picture, stretched to width × height.
 *
 * @param {Picture} picture
 * @param {Box | null | undefined} box
 * @param {number} width
 * @param {number} height
 * @param {number} margin
 * @param {number} [sideMargin]
 * @returns {Uint8Array} RGB, row by row
 */
export function crop(picture, box, width, height, margin, sideMargin = margin) {
  const area = box
    ? widen(box, margin, picture, sideMargin)
    : { x: 0, y: 0, width: picture.width, height: picture.height };
  const right = Math.min(area.x + area.width, picture.width);
  const bottom = Math.min(area.y + area.height, picture.height);
  return resample(picture, [area.x, area.y, right, bottom], width, height);
}

/**
 * @param {Uint8Array} pixels 0 to 255
 * @returns {Float32Array} 0 to 1
 */
export function normalise(pixels) {
  const scaled = new Float32Array(pixels.length);
  for (let index = 0; index < pixels.length; index++) scaled[index] = SCALED[pixels[index]];
  return scaled;
}

/**
 * The network's input: width × height × 3 numbers in 0 to 1, row by row.
 *
 * @param {Picture} picture
 * @param {Box | null | undefined} box
 * @param {InputSpec} spec
 * @returns {Float32Array}
 */
export function preprocess(picture, box, spec) {
  return normalise(crop(picture, box, spec.width, spec.height, spec.margin, spec.side_margin));
}

/**
 * A file's pixels, upright, which `decode` takes as well: for who has more than one use for them.
 *
 * @param {Blob} blob
 * @returns {Promise<ImageBitmap>} to be closed by who asked for it
 * @throws {ImageError} as `decode` does
 */
export async function openFile(blob) {
  if (!blob.size) throw new ImageError("not_image", "expected a picture, got an empty file");
  const header = readHeader(new Uint8Array(await bytesOf(blob)));
  if (header?.width && header.height) checkSize(header.width, header.height);
  const damaged = "expected a whole picture, got one that is damaged or cut short";
  if (header && !header.complete) throw new ImageError("damaged", damaged);
  try {
    return await createImageBitmap(blob, AS_STORED);
  } catch (cause) {
    if (header) throw new ImageError("damaged", damaged, { cause });
    throw new ImageError("not_image", "expected a JPEG, PNG or WebP picture, got another kind of file", { cause });
  }
}

/**
 * A worker reads at once, without handing over to another thread and back.
 *
 * @param {Blob} blob
 * @returns {ArrayBuffer | Promise<ArrayBuffer>}
 */
function bytesOf(blob) {
  const { FileReaderSync } = /** @type {any} */ (globalThis);
  return FileReaderSync ? new FileReaderSync().readAsArrayBuffer(blob) : blob.arrayBuffer();
}

/** @param {number} width @param {number} height */
function checkSize(width, height) {
  const shown = `${width} × ${height}`;
  if (width * height > MAX_PIXELS) {
    const megapixels = Math.ceil((width * height) / 1e6);
    throw new ImageError(
      "too_large",
      `expected at most ${MAX_PIXELS / 1e6} megapixels, got ${megapixels} (${shown} pixels)`,
    );
  }
  if (Math.min(width, height) < MIN_SIDE) {
    throw new ImageError("too_small", `expected at least ${MIN_SIDE} × ${MIN_SIDE} pixels, got ${shown}`);
  }
}

/**
 * @param {ImageData | CanvasImageSource} source
 * @returns {[number, number]} in its own pixels, whatever size it is shown at
 */
function sizeOf(source) {
  const { naturalWidth, naturalHeight, videoWidth, videoHeight, displayWidth, displayHeight, width, height } =
    /** @type {Record<string, any>} */ (source);
  return [naturalWidth ?? videoWidth ?? displayWidth ?? width, naturalHeight ?? videoHeight ?? displayHeight ?? height];
}
