/**
 * What a picture file says about itself, read without decoding it.
 *
 * A few bytes tell the size, so that a file of 100 megapixels is refused before anything of that size is allocated; a
 * walk over the file's parts tells whether its end is there (browsers decode a picture that is cut short to a picture
 * that is half grey, without a word). Twin of backend/domain/headers.py, so that both sides refuse the same files.
 */

/**
 * @typedef {object} Header
 * @property {number} width stored size in pixels, 0 when unknown
 * @property {number} height
 * @property {boolean} complete whether the file's end is there
 */

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

/**
 * @param {Uint8Array} data a whole file
 * @returns {Header | null} null for anything but JPEG, PNG and WebP
 */
export function readHeader(data) {
  if (data[0] === 0xff && data[1] === 0xd8 && data[2] === 0xff) return jpeg(data);
  if (PNG_SIGNATURE.every((byte, index) => data[index] === byte)) return png(data);
  if (name(data, 0) === "RIFF" && name(data, 8) === "WEBP") return webp(data);
  return null;
}

/** @param {Uint8Array} data @returns {Header} */
function jpeg(data) {
  let width = 0;
  let height = 0;
  for (const { marker, start } of jpegMarkers(data)) {
    if (marker === END_OF_IMAGE) return { width, height, complete: true };
    if (isFrame(marker) && !width && start + 7 <= data.length) {
      height = big(data, start + 3, 2);
      width = big(data, start + 5, 2);
    }
  }
  return { width, height, complete: false };
}

/** @param {number} marker one whose segment holds the size */
function isFrame(marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/**
 * Yields each marker and where its segment starts, scans skipped, as far as the file is well formed.
 *
 * @param {Uint8Array} data
 */
function* jpegMarkers(data) {
  let at = 2;
  for (;;) {
    while (data[at] === 0xff && data[at + 1] === 0xff) at += 1; // padding
    if (at + 2 > data.length || data[at] !== 0xff) return;
    const marker = data[at + 1];
    at += 2;
    yield { marker, start: at };
    if (marker === END_OF_IMAGE) return;
    at += big(data, at, 2);
    if (marker === START_OF_SCAN) at = scanEnd(data, at);
  }
}

/**
 * Where the marker after the compressed data at `at` is: an FF that no 00 (a plain FF) or restart follows.
 *
 * @param {Uint8Array} data
 * @param {number} at
 */
function scanEnd(data, at) {
  for (;;) {
    at = data.indexOf(0xff, at);
    if (at < 0 || at + 1 >= data.length) return data.length;
    const following = data[at + 1];
    if (following && !(following >= 0xd0 && following <= 0xd7)) return at;
    at += 2;
  }
}

/** @param {Uint8Array} data @returns {Header} */
function png(data) {
  if (name(data, 12) !== "IHDR" || data.length < 33) return { width: 0, height: 0, complete: false };
  const [width, height] = [big(data, 16, 4), big(data, 20, 4)];
  let at = PNG_SIGNATURE.length;
  while (at + 12 <= data.length) {
    if (name(data, at + 4) === "IEND") return { width, height, complete: true };
    at += 12 + big(data, at, 4);
  }
  return { width, height, complete: false };
}

/** @param {Uint8Array} data @returns {Header} */
function webp(data) {
  const kind = name(data, 12);
  const complete = little(data, 4, 4) + 8 <= data.length;
  if (kind === "VP8X") return { width: 1 + little(data, 24, 3), height: 1 + little(data, 27, 3), complete };
  if (kind === "VP8L") {
    const bits = little(data, 21, 4);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff), complete };
  }
  if (kind === "VP8 ") return { width: little(data, 26, 2) & 0x3fff, height: little(data, 28, 2) & 0x3fff, complete };
  return { width: 0, height: 0, complete };
}

/** @param {Uint8Array} data @param {number} at */
function name(data, at) {
  return String.fromCharCode(...data.subarray(at, at + 4));
}

/** @param {Uint8Array} data @param {number} at @param {number} count */
function big(data, at, count) {
  return data.subarray(at, at + count).reduce((number, byte) => number * 256 + byte, 0);
}

/** @param {Uint8Array} data @param {number} at @param {number} count */
function little(data, at, count) {
  return data.subarray(at, at + count).reduceRight((number, byte) => number * 256 + byte, 0);
}
