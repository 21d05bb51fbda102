/** The pixels of a decoded picture, part by part: RGBA, row by row, with what was transparent on white. */

/** @typedef {(x: number, y: number, width: number, height: number) => Uint8ClampedArray} Pixels */

const WHITE = 255;
const CHANNELS = 3;
const KEPT_WIDTH = 2048;
const KEPT_HEIGHT = 512;

/**
 * @param {CanvasImageSource} source
 * @returns {Pixels}
 */
export function painter(source) {
  return (x, y, width, height) => {
    const context = white(width, height);
    context.drawImage(source, x, y, width, height, 0, 0, width, height);
    return context.getImageData(0, 0, width, height).data;
  };
}

/** @type {OffscreenCanvasRenderingContext2D | undefined} kept, as a new one takes longer than all that is done on it */
let kept;

/**
 * Something to draw on, white in its top left width × height pixels.
 *
 * @param {number} width
 * @param {number} height
 */
function white(width, height) {
  const small = width <= KEPT_WIDTH && height <= KEPT_HEIGHT;
  if (small && (!kept || kept.isContextLost?.())) kept = canvas(KEPT_WIDTH, KEPT_HEIGHT);
  const context = small && kept ? kept : canvas(width, height);
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  return context;
}

/** @param {number} width @param {number} height */
function canvas(width, height) {
  // Keeps it off the GPU, where reading is slow.
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("expected a canvas to draw on, got none from this browser");
  return context;
}

/**
 * @param {ImageData} image
 * @returns {Pixels}
 */
export function copier(image) {
  return (x, y, width, height) => {
    const part = new Uint8ClampedArray(width * height * 4);
    for (let row = 0; row < height; row++) {
      const start = ((y + row) * image.width + x) * 4;
      part.set(image.data.subarray(start, start + width * 4), row * width * 4);
    }
    putOnWhite(part);
    return part;
  };
}

/**
 * Composites on white, in place, correctly rounded: c·a/255 + 255 - a.
 *
 * @param {Uint8ClampedArray} pixels RGBA
 */
function putOnWhite(pixels) {
  for (let at = 0; at < pixels.length; at += CHANNELS + 1) {
    const alpha = pixels[at + CHANNELS];
    if (alpha === WHITE) continue;
    for (let channel = at; channel < at + CHANNELS; channel++) {
      pixels[channel] = Math.round((pixels[channel] * alpha) / WHITE) + WHITE - alpha;
    }
    pixels[at + CHANNELS] = WHITE;
  }
}
