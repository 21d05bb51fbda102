/** What the tests ask of the twins. Answers are JSON; bytes go as base64. */
import { wholePicture } from "/js/classify/preparation.js";
import { crop, decode as decodePicture, preprocess, widen } from "/js/imaging.js";
import { look } from "/js/looks.js";
import { decode, encode } from "/js/reading.js";
import { drawnFunctions } from "/twins/drawn.js";
import { outlineFunctions } from "/twins/outline.js";
import { lines, tensors } from "/twins/vectors.js";

const SIZE = [192, 48, 0.1];

const functions = {
  /** The picture's size, the SHA-256 of its RGB pixels, and its crops. */
  async picture(url, boxes) {
    const picture = await decodePicture(await (await fetch(url)).blob());
    const rgb = withoutAlpha(picture.pixels(0, 0, picture.width, picture.height));
    const crops = boxes.map((box) => base64(crop(picture, box, ...SIZE)));
    const size = [picture.width, picture.height];
    picture.close();
    return { size, sha256: await sha256(rgb), crops };
  },

  /** The error's code and message, or null. */
  async refusal(url, box) {
    try {
      const picture = await decodePicture(await (await fetch(url)).blob());
      if (box) crop(picture, box, ...SIZE);
      return null;
    } catch (error) {
      if (error.name !== "ImageError") throw error;
      return [error.code, error.message];
    }
  },

  /** The input made of a picture handed over as a canvas, an ImageBitmap or ImageData. */
  async handedOver(kind, url, box) {
    const bitmap = await createImageBitmap(await (await fetch(url)).blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const sources = { bitmap, canvas, data: context.getImageData(0, 0, canvas.width, canvas.height) };
    const picture = await decodePicture(sources[kind]);
    const input = preprocess(picture, box, { width: 192, height: 48, margin: 0.1 });
    picture.close();
    return { input: base64(new Uint8Array(input.buffer)), sourceWidth: sources[kind].width };
  },

  /** The input that a network of whole pictures is given. */
  async wholePicture(url, width, height) {
    const picture = await decodePicture(await (await fetch(url)).blob());
    const input = wholePicture(picture, { width, height });
    picture.close();
    return base64(new Uint8Array(input.buffer));
  },

  /** How many pixels one input needs to be read, and the median of its milliseconds without the decoding. */
  async effort(url, box) {
    const picture = await decodePicture(await (await fetch(url)).blob());
    let read = 0;
    const counted = {
      ...picture,
      pixels: (...rectangle) => {
        read += rectangle[2] * rectangle[3];
        return picture.pixels(...rectangle);
      },
    };
    preprocess(counted, box, { width: 192, height: 48, margin: 0.1 });
    const spent = Array.from({ length: 21 }, () => {
      const start = performance.now();
      preprocess(picture, box, { width: 192, height: 48, margin: 0.1 });
      return performance.now() - start;
    });
    return [read, spent.sort((a, b) => a - b)[10]];
  },

  widenAll: (places, size) => places.map(([box, margin, side]) => widen(box, margin, size, side ?? margin)),

  encode: (text) => attempt(() => [...encode(text)]),

  decode: (array, decision) =>
    attempt(() =>
      decode(
        array.map((row) => [].concat(row).map(Number)),
        decision,
      ),
    ),

  /** What `value` does when it is no array of the right shape. */
  decodeRaw: (value) => attempt(() => decode(value)),

  /** SHA-256 of each block's lines. */
  async digests(seed, blocks, size) {
    const all = [];
    for (let block = 0; block < blocks; block++) {
      const text = lines(tensors(seed + block, size)).join("\n");
      all.push(await sha256(new TextEncoder().encode(text)));
    }
    return all;
  },

  lines: (seed, size) => lines(tensors(seed, size)),

  /** What a network that gives back 110 of its input's numbers, from `at` on, says in as many looks as it takes. */
  looks: (url, size, at, below) =>
    fetch(url).then(async (response) => {
      const input = new Float32Array(await response.arrayBuffer());
      const network = (moved) => Promise.resolve(moved.slice(at, at + 110));
      return [...(await look(network, input, size, below))];
    }),

  ...drawnFunctions(base64),

  ...outlineFunctions(base64),
};

onmessage = async ({ data: { id, name, values } }) => {
  try {
    postMessage({ id, result: await functions[name](...values) });
  } catch (error) {
    postMessage({ id, error: String(error.stack ?? error) });
  }
};

function attempt(action) {
  try {
    return { result: action() };
  } catch (error) {
    if (error.name !== "ReadingError") throw error;
    return { error: error.message };
  }
}

function withoutAlpha(rgba) {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    [rgb[to], rgb[to + 1], rgb[to + 2]] = [rgba[from], rgba[from + 1], rgba[from + 2]];
  }
  return rgb;
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 32768) parts.push(String.fromCharCode(...bytes.subarray(at, at + 32768)));
  return btoa(parts.join(""));
}
